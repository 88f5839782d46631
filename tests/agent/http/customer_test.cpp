#include <gtest/gtest.h>

#include "tests/agent/http/api_fixture.h"

namespace earful::agent {
namespace {

class CustomerTest : public ApiTest {
 protected:
  // A station whose collector answers this, and keeps what was asked.
  void collector(Result<Customer> answer) {
    api.reset();
    ask_customer = [this, answer](const CustomerQuestion& question) {
      asked = question.wanted;
      question.answer(answer);
    };
    start();
  }
  Json customer(const CallId& call) {
    const Answer answer = get("/api/v1/calls/" + call.text() + "/customer");
    EXPECT_EQ(answer.status, 200);
    return Json::parse(answer.body);
  }
  CallId own_call(bool sample = false) { return add_call("billing", sample, "+1 650", ""); }

  GetCustomer asked;
};

TEST_F(CustomerTest, IsAskedForByKeyWithoutTheOpenCall) {
  const PastTag tag{.tag = EventId{make_uuid_v4()},
                    .kind = "fault",
                    .time = *parse_rfc3339("2026-11-17T10:00:00Z"),
                    .queue = "north",
                    .note = "no tone"};
  collector(Customer{{}, {tag}, true});
  const CallId call = add_call("billing");
  const Json told = customer(call);
  EXPECT_EQ(asked.customer_key, "k1:abc");
  EXPECT_EQ(asked.except, call);
  EXPECT_EQ(told["state"], "known");
  EXPECT_EQ(told["more"], true);
  const Json& problem = told["problems"].at(0);
  EXPECT_EQ(problem["event_id"], tag.tag.text());
  EXPECT_EQ(problem["kind"], "fault");
  EXPECT_EQ(problem["at"], "2026-11-17T10:00:00.000Z");
  EXPECT_EQ(problem["started_at"], nullptr);
  EXPECT_EQ(problem["queue"], "north");
  EXPECT_EQ(problem["note"], "no tone");
}

TEST_F(CustomerTest, KnowsWhatWasDoneHereBeforeTheDeskDoes) {
  const CallId before = own_call();
  const auto made = [&](const std::string& kind) {
    const Answer answer = tag(before, R"("position_ms":1000,"note":"old")", kind);
    return PastTag{.tag = *EventId::parse(std::string(Json::parse(answer.body)["event_id"])),
                   .call = before,
                   .kind = kind,
                   .note = "old"};
  };
  const PastTag kept = made("promise-made"), gone = made("fault"), other = made("fault"),
                praise = made("fault");
  const PastTag elsewhere{.tag = EventId{make_uuid_v4()}, .kind = "fault", .note = "old"};
  const auto act = [&](const PastTag& on, const std::string& what, const std::string& body) {
    EXPECT_EQ(post("/api/v1/tags/" + on.tag.text() + "/" + what, body).status, 200);
  };
  collector(Customer{{kept}, {gone, other, praise, elsewhere}, false});
  const CallId open = add_call("billing");
  EXPECT_EQ(customer(open)["promises"].size(), 1u);
  act(kept, "kept", "{}");
  act(gone, "retract", "{}");
  act(other, "revise", R"({"kind":"long-wait","note":"new"})");
  act(praise, "revise", R"({"kind":"went-beyond"})");
  const Json told = customer(open);
  EXPECT_EQ(told["promises"].size(), 0u);
  ASSERT_EQ(told["problems"].size(), 2u);
  EXPECT_EQ(told["problems"][0]["kind"], "long-wait");
  EXPECT_EQ(told["problems"][0]["note"], "new");
  EXPECT_EQ(told["problems"][1]["event_id"], elsewhere.tag.text());
}

TEST_F(CustomerTest, SaysThatTheCollectorIsAway) {
  collector(Error{"E_AWAY", "away"});
  EXPECT_EQ(customer(add_call("billing"))["state"], "away");
}

TEST_F(CustomerTest, IsUnknownWhereTheCallNamesNobody) {
  collector(Customer{});
  EXPECT_EQ(customer(add_call("billing", false, "", ""))["state"], "unknown");
}

TEST_F(CustomerTest, IsTakenFromOwnCallsWithoutACollector) {
  const CallId before = own_call(), open = own_call(), sample = own_call(true);
  tag(before, R"("position_ms":1000)", "went-beyond");
  tag(before, R"("position_ms":2000,"note":"twice")", "wrong-charge");
  tag(before, R"("position_ms":3000)", "promise-made");
  tag(open, R"("position_ms":4000)", "fault");
  tag(sample, R"("position_ms":4000)", "fault");
  const Json told = customer(open);
  EXPECT_EQ(told["state"], "alone");
  ASSERT_EQ(told["problems"].size(), 1u);
  EXPECT_EQ(told["problems"][0]["note"], "twice");
  ASSERT_EQ(told["promises"].size(), 1u);

  const std::string promise = told["promises"][0]["event_id"];
  EXPECT_EQ(post("/api/v1/tags/" + promise + "/kept", "{}").status, 200);
  EXPECT_EQ(customer(open)["promises"].size(), 0u);
  const Event last = scribe->events().back();
  EXPECT_EQ(std::get<FollowUpClosed>(last.payload).follow_up.text(), promise);
  EXPECT_EQ(last.subject, before);
}

TEST_F(CustomerTest, SaysThatThereAreOlderOwnCallsOfTheCustomer) {
  const CallId open = own_call();
  for (int i = 0; i < 50; ++i) own_call();
  EXPECT_EQ(customer(open)["more"], false);
  own_call();
  EXPECT_EQ(customer(open)["more"], true);
}

TEST_F(CustomerTest, KeepsNothingButPromises) {
  const CallId call = own_call();
  const auto id = [](const Answer& made) {
    return std::string(Json::parse(made.body)["event_id"]);
  };
  const std::string problem = id(tag(call, R"("position_ms":1000)", "fault"));
  const std::string promise = id(tag(call, R"("position_ms":1000)", "promise-made"));
  EXPECT_EQ(post("/api/v1/tags/" + promise + "/retract", "").status, 200);
  for (const std::string& tag : {problem, promise}) {
    const Answer answer = post("/api/v1/tags/" + tag + "/kept", "");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(code(answer), "E_NO_PROMISE");
  }
}

TEST_F(CustomerTest, RefusesACallAndATagThatAreNotThere) {
  const std::string nobody = EventId{make_uuid_v4()}.text();
  EXPECT_EQ(code(get("/api/v1/calls/" + nobody + "/customer")), "E_NO_CALL");
  EXPECT_EQ(code(post("/api/v1/tags/" + nobody + "/kept", "{}")), "E_NO_TAG");
}

}  // namespace
}  // namespace earful::agent
