#include "agent/import/outcome_json.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace earful::agent {
namespace {

Outcome taken() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kTaken;
  outcome.id = CallId{make_uuid_v8(view(generichash("a call")))};
  outcome.duration = 48000;
  outcome.legs = 2;
  outcome.warnings = {"guessed: one", "two\nlines"};
  return outcome;
}

TEST(OutcomeJson, ComesBackAsItWent) {
  const auto back = parse_outcome(outcome_json(taken()));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->kind, Outcome::Kind::kTaken);
  EXPECT_EQ(back->id, taken().id);
  EXPECT_EQ(back->duration, 48000);
  EXPECT_EQ(back->legs, 2);
  EXPECT_EQ(back->warnings, taken().warnings);
}

TEST(OutcomeJson, IsOneLineWhateverTheTextsHold) {
  Outcome outcome = taken();
  outcome.message = "a\nb\xff";
  EXPECT_EQ(outcome_json(outcome).find('\n'), std::string::npos);
  EXPECT_EQ(parse_outcome(outcome_json(outcome))->message, "a\nb\xef\xbf\xbd");
}

TEST(OutcomeJson, RefusesWhatItDidNotMake) {
  std::string other = outcome_json(taken());
  other.replace(other.find("\"kind\":0"), 8, "\"kind\":7");
  for (const std::string& text : {std::string(), std::string("[]"), std::string("{}"),
                                  std::string(R"({"kind":"0"})"), other}) {
    EXPECT_FALSE(parse_outcome(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace earful::agent
