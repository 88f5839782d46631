#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/http/heard_share.h"
#include "agent/http/listening_post.h"
#include "agent/state/heard.h"
#include "tests/agent/http/api_fixture.h"

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
  EXPECT_EQ(code_of(R"("what":"heard","skipped_silence":[[4,9]])"), "");
  EXPECT_EQ(code_of(R"("what":"heard","skipped_silence":[[9,4]])"), "E_POSITION");
  EXPECT_EQ(code_of(R"("what":"ended","skipped_silence":[[4,9]])"), "E_FIELD");
  EXPECT_EQ(code_of(R"("what":"heard","so_far":true)"), "E_EVENT_ID");
  EXPECT_EQ(code_of(R"("what":"ended","so_far":true)"), "E_FIELD");
  std::string many = "[0,1]";
  for (size_t i = 0; i < kMaxPostedStretches; ++i) many += ",[0,1]";
  EXPECT_EQ(code_of(R"("what":"heard","intervals":[)" + many + "]"), "E_POSITION");
}

TEST_F(ApiTest, KnowsWhatEachListenerHasHeard) {
  const std::string call = add_call("billing").text();
  const std::string other = add_call("sales").text();
  const auto said = [&](const std::string& rest) {
    return R"({"call_id":")" + call + R"(","listening":"018f0000-0000-7000-8000-000000000001",)" +
           rest + "}";
  };
  const auto told = [&](const std::string& rest) {
    return post("/api/v1/listening", said(rest)).status;
  };
  const auto heard = [&] { return Json::parse(get("/api/v1/calls/" + call).body)["heard"]; };
  EXPECT_EQ(told(R"("what":"started")"), 201);
  const std::string half = R"("event_id":"018f0000-0000-7000-8000-000000000002","what":"heard",)"
                           R"("intervals":[[0,20000],[10000,30000]],"opened_early":true)";
  EXPECT_EQ(told(half), 201);
  EXPECT_EQ(told(half), 200);
  EXPECT_EQ(heard(), 0.5);
  EXPECT_EQ(Json::parse(get("/api/v1/calls?heard=false").body)["calls"].size(), 2u);
  EXPECT_EQ(told(R"("what":"heard","intervals":[[30000,49000]])"), 201);
  EXPECT_EQ(told(R"("what":"ended")"), 201);
  const Json mine = Json::parse(get("/api/v1/calls/" + call).body);
  EXPECT_EQ(mine["heard_ms"], Json::parse("[[0.0,49000.0]]"));
  EXPECT_EQ(mine["opened_early"], true);
  EXPECT_EQ(mine["listeners"], Json::array());
  EXPECT_EQ(Json::parse(get("/api/v1/calls?heard=true").body)["calls"][0]["call_id"], call);
  const Json unheard = Json::parse(get("/api/v1/calls?heard=false&limit=1").body);
  EXPECT_EQ(unheard["calls"][0]["call_id"], other);
  const Json others = Json::parse(ask("GET", "/api/v1/calls/" + call, new_session()).body);
  EXPECT_EQ(others["heard"], 0.0);
  EXPECT_EQ(others["opened_early"], false);
  EXPECT_EQ(others["listeners"][0]["name"], "api");
  EXPECT_EQ(others["listeners"][0]["opened_early"], true);
  EXPECT_EQ(ask("POST", "/api/v1/listening", new_session() + "X-Earful: 1\r\n",
                said(R"("what":"started")"))
                .status,
            409);
}

class ListeningTest : public ApiTest {
 protected:
  ListeningTest() : call(add_call("billing").text()) {}

  int told(const std::string& rest) {
    return post("/api/v1/listening",
                R"({"call_id":")" + call +
                    R"(","listening":"018f0000-0000-7000-8000-000000000001","what":"heard",)" +
                    rest + "}")
        .status;
  }
  std::string heard() { return Json::parse(get("/api/v1/calls/" + call).body)["heard_ms"].dump(); }
  Listened last() { return std::get<Listened>(scribe->events().back().payload); }
  long words() {
    const std::vector<Event> events = scribe->events();
    return std::count_if(events.begin(), events.end(), [](const Event& event) {
      return std::holds_alternative<Listened>(event.payload);
    });
  }

  const std::string call;
  const std::string word = R"("event_id":"018f0000-0000-7000-8000-000000000002",)";
  const std::string next = R"("event_id":"018f0000-0000-7000-8000-000000000003",)";
};

TEST_F(ListeningTest, SavesAWordOnceHoweverOftenItWasToldWhileItGrew) {
  EXPECT_EQ(told(word + R"("intervals":[[0,1000]],"so_far":true)"), 202);
  EXPECT_EQ(told(word + R"("intervals":[[0,2000]],"so_far":true)"), 202);
  EXPECT_EQ(heard(), "[]");
  EXPECT_EQ(told(word + R"("intervals":[[0,2500]])"), 201);
  api.reset();
  EXPECT_EQ(words(), 1);
  EXPECT_EQ(last().intervals, (std::vector<Interval>{{0, position_of_ms(2500)}}));
}

TEST_F(ListeningTest, SavesWhatWasToldSoFarWhenAnotherWordComesOrTheStationStops) {
  EXPECT_EQ(told(word + R"("intervals":[[0,1000]],"so_far":true)"), 202);
  EXPECT_EQ(told(next + R"("intervals":[[3000,4000]],"so_far":true)"), 202);
  EXPECT_EQ(heard(), "[[0.0,1000.0]]");
  EXPECT_EQ(told(word + R"("intervals":[[0,1500]])"), 201) << "late, and not refused";
  api.reset();
  start();
  EXPECT_EQ(heard(), "[[0.0,1500.0],[3000.0,4000.0]]");
}

TEST_F(ListeningTest, KeepsSkippedSilenceApartFromWhatWasHeard) {
  EXPECT_EQ(told(R"("intervals":[[0,1000]],"skipped_silence":[[1000,5000]])"), 201);
  EXPECT_EQ(heard(), "[[0.0,1000.0]]");
  EXPECT_EQ(last().skipped_silence,
            (std::vector<Interval>{{position_of_ms(1000), position_of_ms(5000)}}));
}

TEST_F(ListeningTest, DoesNotCountWhatWasPlayedAtMoreThanTwiceTheSpeed) {
  EXPECT_EQ(told(R"("intervals":[[0,1000]],"playback_rate":2)"), 201);
  EXPECT_EQ(told(R"("intervals":[[5000,9000]],"playback_rate":2.5,"opened_early":true)"), 201);
  EXPECT_EQ(heard(), "[[0.0,1000.0]]");
  EXPECT_EQ(Json::parse(get("/api/v1/calls/" + call).body)["opened_early"], true);
}

TEST_F(ApiTest, FoldsTheNewestTagsOfOthersInCallsThatWereNotHeard) {
  const CallId call = add_call("billing");
  tag(call, R"("position_ms":20000)");
  const auto folded = [&](const std::string& session) {
    return Json::parse(ask("GET", "/api/v1/tags", session).body)["tags"][0]["folded"];
  };
  EXPECT_EQ(Json::parse(get("/api/v1/tags").body)["tags"][0]["folded"], false);  // one's own
  EXPECT_EQ(folded(new_session()), true);
}

}  // namespace
}  // namespace earful::agent
