#include "agent/uplink/customer_questions.h"

#include <gtest/gtest.h>

#include <optional>

namespace earful::agent {
namespace {

const SteadyTime kStart{};

class CustomerQuestionsTest : public testing::Test {
 protected:
  void ask(const std::string& key, bool desk_is_there = true) {
    questions_.ask({{key}, [this](Result<Customer> answer) { answers_.push_back(answer); }}, kStart,
                   [&](std::string request) {
                     sent_.push_back(*decode_desk_request(request));
                     return desk_is_there;
                   });
  }
  void reply(uint64_t id, decltype(DeskReply::reply) reply) {
    questions_.answered(encode(DeskReply{id, std::move(reply)}));
  }
  std::string code() { return answers_.size() == 1 ? answers_[0].error().code : "no answer"; }

  std::vector<DeskRequest> sent_;
  std::vector<Result<Customer>> answers_;
  CustomerQuestions questions_;
};

TEST_F(CustomerQuestionsTest, GivesEachItsOwnAnswer) {
  ask("k1:dana");
  ask("k1:noa");
  EXPECT_EQ(std::get<GetCustomer>(sent_[1].request).customer_key, "k1:noa");
  Customer noa;
  noa.more = true;
  reply(sent_[1].request_id, noa);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_TRUE(answers_[0]->more);
  reply(sent_[0].request_id, Customer{});
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_FALSE(answers_[1]->more);
}

TEST_F(CustomerQuestionsTest, AnswersOnceHoweverManyRepliesCome) {
  ask("k1:dana");
  reply(sent_[0].request_id, Customer{});
  reply(sent_[0].request_id, Customer{});
  reply(sent_[0].request_id + 1, Customer{});
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(CustomerQuestionsTest, SaysAwayWhenNothingCanBeSent) {
  ask("k1:dana", false);
  EXPECT_EQ(code(), "E_AWAY");
}

TEST_F(CustomerQuestionsTest, SaysAwayWhenNothingCame) {
  ask("k1:dana");
  questions_.tick(kStart + kCustomerWithin - std::chrono::milliseconds(1));
  EXPECT_TRUE(answers_.empty());
  questions_.tick(kStart + kCustomerWithin);
  EXPECT_EQ(code(), "E_AWAY");
}

TEST_F(CustomerQuestionsTest, PassesARefusalOn) {
  ask("k1:dana");
  reply(sent_[0].request_id, Refused{"E_LATER", "in a minute"});
  EXPECT_EQ(code(), "E_LATER");
}

TEST_F(CustomerQuestionsTest, AnswersWhatIsLeftAtItsEnd) {
  std::optional<Result<Customer>> answer;
  {
    CustomerQuestions questions;
    questions.ask({{"k1:dana"}, [&](Result<Customer> said) { answer = said; }}, kStart,
                  [](std::string) { return true; });
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code, "E_AWAY");
}

}  // namespace
}  // namespace earful::agent
