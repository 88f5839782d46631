#include "agent/inbox/inbox_job.h"

#include <gtest/gtest.h>

namespace earful::agent {
namespace {

TEST(InboxJob, ComesOutAsItWentInWhateverTheBytesOfAPath) {
  InboxOptions options;
  options.name_pattern = "{queue}\n{team}";
  options.manifest = "/calls.csv";
  options.complexity = 0;
  options.bitrate_bps = 12000;
  std::string bytes = job_bytes(job_for("/in/\xff \n\".wav", options)) + "more";
  const auto job = take_job(bytes);
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->path, "/in/\xff \n\".wav");
  EXPECT_EQ(job->name_pattern, options.name_pattern);
  EXPECT_EQ(job->manifest, "/calls.csv");
  EXPECT_EQ(job->complexity, 0);
  EXPECT_EQ(job->bitrate_bps, 12000);
  EXPECT_EQ(bytes, "more");
}

TEST(InboxJob, IsNotTakenBeforeItIsWhole) {
  const std::string whole = job_bytes(job_for("/a.wav", {}));
  for (size_t length = 0; length < whole.size(); ++length) {
    std::string part = whole.substr(0, length);
    EXPECT_FALSE(take_job(part).has_value());
    EXPECT_EQ(part.size(), length);
  }
}

TEST(InboxAnswer, IsOneLineThatComesBack) {
  for (const auto kind :
       {InboxAnswer::Kind::kDone, InboxAnswer::Kind::kGone, InboxAnswer::Kind::kTrouble}) {
    InboxAnswer answer;
    answer.kind = kind;
    answer.outcome.message = "a\nb}";
    std::string line = answer_line(answer);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    line.pop_back();
    const auto back = parse_answer(line);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->kind, kind);
    EXPECT_EQ(back->outcome.message, "a\nb}");
    EXPECT_FALSE(parse_answer(line.substr(0, line.size() - 1)).has_value());
  }
}

TEST(InboxAnswer, IsNothingElse) {
  for (const char* line : {"", "}", "{}", R"({"kind":"d","outcome":})",
                           R"({"kind":"x","outcome":{}})", "earful-agent: starting"}) {
    EXPECT_FALSE(parse_answer(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace earful::agent
