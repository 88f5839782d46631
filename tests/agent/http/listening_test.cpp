#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/http/heard_share.h"
#include "agent/http/listening_post.h"
#include "agent/state/heard.h"

namespace earful::agent {
namespace {

constexpr Position kSecond = kPositionsPerSecond;
constexpr Position kMinute = 60 * kSecond;
const std::string kTalk =
    R"({"legs":[{"talk":[[0,10000],[20000,25000]]},{"talk":[[8000,15000]]}]})";

double share(std::vector<Interval> stretches, const std::string& measures = kTalk) {
  return heard_share(joined(std::move(stretches)), measures, kMinute, false);
}

TEST(HeardShare, IsOfTheTimeInWhichAnybodyTalks) {
  EXPECT_EQ(share({}), 0);
  EXPECT_EQ(share({{15 * kSecond, 20 * kSecond}}), 0);
  EXPECT_EQ(share({{0, 10 * kSecond}}), 0.5);
  EXPECT_EQ(share({{0, 15 * kSecond}, {20 * kSecond, 25 * kSecond}}), 1);
}

TEST(HeardShare, CountsWhatWasHeardTwiceOnce) {
  EXPECT_EQ(share({{0, 10 * kSecond}, {0, 10 * kSecond}, {2 * kSecond, 4 * kSecond}}), 0.5);
}

TEST(HeardShare, IsAllOnceTheEndWasReached) {
  EXPECT_EQ(share({{59 * kSecond, kMinute - kSecond}}), 0);
  EXPECT_EQ(share({{58 * kSecond, kMinute - kSecond}}), 1);
}

TEST(HeardShare, IsOfTheLengthWithoutMeasuresAndWhileTheCallGoesOn) {
  for (const char* measures : {"", "nonsense", "[]", R"({"legs":[]})"}) {
    EXPECT_EQ(share({{0, kMinute / 4}}, measures), 0.25) << measures;
  }
  const std::vector<Interval> edge{{kMinute / 2, kMinute}};
  EXPECT_EQ(heard_share(edge, "", kMinute, true), 0.5);
}

TEST(Joined, IsSortedAndApart) {
  EXPECT_EQ(joined({{5, 9}, {1, 3}, {3, 4}, {8, 12}, {7, 7}}),
            (std::vector<Interval>{{1, 4}, {5, 12}}));
}

std::string code_of(const std::string& rest) {
  const auto post = parse_listening_post(R"({"call_id":"018f0000-0000-7000-8000-000000000001",)"
                                         R"("listening":"018f0000-0000-7000-8000-000000000002",)" +
                                         rest + "}");
  return post.ok() ? "" : post.error().code;
}

TEST(ListeningPost, RefusesWhatCannotHaveBeenHeard) {
  EXPECT_EQ(code_of(R"("what":"heard","intervals":[[0,1.5]],"playback_rate":2)"), "");
  EXPECT_EQ(code_of(R"("what":"heard","opened_early":true)"), "");
  EXPECT_EQ(code_of(R"("what":"dreamt")"), "E_FIELD");
  EXPECT_EQ(code_of(R"("what":"ended","intervals":[[0,1]])"), "E_FIELD");
  EXPECT_EQ(code_of(R"("what":"heard","intervals":[[0]])"), "E_FIELD");
  EXPECT_EQ(code_of(R"("what":"heard","intervals":7)"), "E_FIELD");
  for (const char* pair : {"[2,1]", "[1,1]", "[-1,1]", "[0,1e12]"}) {
    EXPECT_EQ(code_of(std::string(R"("what":"heard","intervals":[)") + pair + "]"), "E_POSITION");
  }
  EXPECT_EQ(code_of(R"("what":"heard","playback_rate":9)"), "E_RATE");
  EXPECT_EQ(code_of(R"("what":"heard","event_id":"x")"), "E_EVENT_ID");
  std::string many = "[0,1]";
  for (size_t i = 0; i < kMaxPostedStretches; ++i) many += ",[0,1]";
  EXPECT_EQ(code_of(R"("what":"heard","intervals":[)" + many + "]"), "E_POSITION");
}

}  // namespace
}  // namespace earful::agent
