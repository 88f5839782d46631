#include "agent/import/name_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

namespace earful::agent {
namespace {

using testing::HasSubstr;

class NamePatternTest : public testing::Test {
 protected:
  NamePatternTest() {
    setenv("TZ", "Asia/Jerusalem", 1);
    tzset();
  }
  static Result<Facts> read(const char* pattern, const char* name) {
    EARFUL_ASSIGN(const NamePattern parsed, NamePattern::parse(pattern));
    Facts facts;
    EARFUL_TRY(parsed.apply(name, facts));
    return facts;
  }
};

TEST_F(NamePatternTest, ReadsTimeAndFields) {
  const auto facts =
      read("{started_at:%Y%m%d-%H%M%S}_{queue}_{agent_ref}", "20261117-140500_billing_a17");
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ(format_rfc3339(*facts->call.started_at), "2026-11-17T12:05:00.000Z");
  EXPECT_EQ(facts->call.queue, "billing");
  EXPECT_EQ(facts->call.agent_ref, "a17");
}

TEST_F(NamePatternTest, TakesAZoneFromTheName) {
  const auto facts = read("call-{started_at:%Y%m%dT%H%M%S%z}-{}", "call-20261117T140500+0900-rest");
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ(format_rfc3339(*facts->call.started_at), "2026-11-17T05:05:00.000Z");
}

TEST_F(NamePatternTest, LetsTheLastFieldHaveTheRest) {
  EXPECT_EQ(read("{queue}_{external_id}", "q_a_b_c")->call.external_id, "a_b_c");
}

TEST_F(NamePatternTest, RefusesNamesThatDoNotFit) {
  for (const char* name : {"20261117_billing", "x_20261117_b_c", "20269917_b_c", ""}) {
    const auto facts = read("{started_at:%Y%m%d}_{queue}_{team}", name);
    ASSERT_FALSE(facts.ok()) << name;
    EXPECT_EQ(facts.error().code, "E_FACTS");
    EXPECT_THAT(facts.error().message, HasSubstr("does not fit"));
  }
  EXPECT_FALSE(read("{queue}-end", "billing-end-more").ok());
}

TEST_F(NamePatternTest, RefusesPatternsThatCannotWork) {
  for (const auto& [pattern, said] :
       std::vector<std::pair<const char*, const char*>>{{"plain", "no field"},
                                                        {"{queue", "never closed"},
                                                        {"{queue}{team}", "touch"},
                                                        {"{queu}", "nearest is \"queue\""},
                                                        {"{started_at}", "has a format"},
                                                        {"{queue:%Y}", "has a format"}}) {
    const auto parsed = NamePattern::parse(pattern);
    ASSERT_FALSE(parsed.ok()) << pattern;
    EXPECT_EQ(parsed.error().code, "E_PATTERN");
    EXPECT_THAT(parsed.error().message, HasSubstr(said));
  }
}

}  // namespace
}  // namespace earful::agent
