#include "agent/import/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

void expect_refused(const Result<void>& result, const char* said) {
  ASSERT_FALSE(result.ok()) << said;
  EXPECT_EQ(result.error().code, "E_FACTS");
  EXPECT_THAT(result.error().message, HasSubstr(said));
}

void expect_json_refused(const std::string& json, const char* said) {
  Facts facts;
  expect_refused(set_facts_from_json(json, facts), said);
}

TEST(Facts, ReadEveryFieldOfASidecar) {
  Facts facts;
  ASSERT_TRUE(
      set_facts_from_json(R"({"external_id": "x1", "started_at": "2026-11-17T14:05:00+02:00",
      "direction": "outbound", "queue": "q", "team": "t", "agent_ref": "a", "agent_name": "דנה",
      "customer_id": "c", "customer_tier": "gold", "language": "he", "legs": ["customer", "agent"],
      "labels": {"city": "חיפה"}})",
                          facts)
          .ok());
  EXPECT_EQ(facts.call.external_id, "x1");
  EXPECT_EQ(format_rfc3339(*facts.call.started_at), "2026-11-17T12:05:00.000Z");
  EXPECT_EQ(facts.call.direction, Direction::kOutbound);
  EXPECT_EQ(facts.agent_name, "דנה");
  EXPECT_THAT(facts.legs, ElementsAre(Leg::kCustomer, Leg::kAgent));
  EXPECT_THAT(facts.call.labels, ElementsAre(Pair("city", "חיפה")));
}

TEST(Facts, PassOverNull) {
  Facts facts;
  facts.call.queue = "kept";
  ASSERT_TRUE(set_facts_from_json(R"({"queue": null})", facts).ok());
  EXPECT_EQ(facts.call.queue, "kept");
}

TEST(Facts, NameTheNearestFieldForAnUnknownOne) {
  expect_json_refused(R"({"agentref": "x"})", "\"agent_ref\"");
  expect_json_refused(R"({"QUEUE": "x"})", "there is no field \"QUEUE\"");
}

TEST(Facts, RefuseWrongTypesByField) {
  expect_json_refused(R"({"queue": 5})", "field queue");
  expect_json_refused(R"({"legs": "agent"})", "field legs");
  expect_json_refused(R"({"legs": [1]})", "field legs");
  expect_json_refused(R"({"labels": []})", "field labels");
  expect_json_refused(R"({"labels": {"a": 1}})", "label \"a\"");
  expect_json_refused("[]", "no object");
  expect_json_refused("{", "no valid JSON");
}

TEST(Facts, RefuseValuesThatMakeNoSense) {
  expect_json_refused(R"({"started_at": "17.11.2026"})", "17.11.2026");
  expect_json_refused(R"({"direction": "sideways"})", "neither inbound nor outbound");
  expect_json_refused(R"({"legs": ["agent", "agent"]})", "both are the same");
  expect_json_refused(R"({"legs": []})", "0 legs");
  expect_json_refused(R"({"legs": ["agent", "customer", "agent"]})", "3 legs");
  expect_json_refused(R"({"labels": {"": "x"}})", "no name");
  expect_json_refused("{\"queue\": \"" + std::string(kMaxTextBytes + 1, 'x') + "\"}", "1025 bytes");
  expect_json_refused(R"({"queue": "a\u0000b"})", "NUL");
}

TEST(Facts, RefuseMoreThan16Labels) {
  std::string labels;
  for (int i = 0; i < 17; ++i) labels += "k" + std::to_string(i) + "=v;";
  Facts facts;
  expect_refused(set_fact("labels", labels, facts), "more than 16");
}

TEST(Facts, RefuseBytesThatAreNoUtf8) {
  Facts facts;
  for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    expect_refused(set_fact("queue", bad, facts), "UTF-8");
  }
  EXPECT_TRUE(set_fact("queue", "ລາວ 한국어 עברית 😀", facts).ok());
}

TEST(Facts, ReadListsAsText) {
  Facts facts;
  ASSERT_TRUE(set_fact("labels", "city=Haifa; line=2=b", facts).ok());
  EXPECT_THAT(facts.call.labels, ElementsAre(Pair("city", "Haifa"), Pair("line", "2=b")));
  ASSERT_TRUE(set_fact("legs", "customer, agent", facts).ok());
  EXPECT_THAT(facts.legs, ElementsAre(Leg::kCustomer, Leg::kAgent));
  expect_refused(set_fact("labels", "city", facts), "no \"=\"");
}

}  // namespace
}  // namespace earful::agent
