#include "agent/uplink/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kSession = 77;

// A journal of rows "1", "2", ... in memory, and a collector that says what it is told to say.
class ConversationTest : public ::testing::Test {
 protected:
  ConversationTest() {
    journal_.id.bytes[0] = 9;
    grow(3);
    now_ += 1h;
  }

  void grow(uint64_t rows) {
    for (uint64_t i = 0; i < rows; ++i) {
      const std::string raw = std::to_string(++journal_.last_seq);
      chains_.push_back(next_chain(chains_.back(), generichash(raw)));
    }
    journal_.last_chain = chains_.back();
    talk_.journal_grew(journal_);
  }

  void greet(uint64_t have, uint32_t credit = 100) {
    talk_.connected(journal_, now_);
    attempt_ = std::get<Hello>(sent().at(0)).attempt;
    say(Welcome{.attempt = attempt_,
                .session = kSession,
                .have_seq = have,
                .have_chain = chains_.at(have),
                .credit = credit});
  }

  void welcome(uint64_t attempt) {
    say(Welcome{.attempt = attempt, .session = kSession, .have_seq = 3, .have_chain = chains_[3]});
  }

  // Of the one Hello that waits; the socket does not take it.
  uint64_t attempt_that_waits() {
    auto messages = talk_.take_messages();
    EXPECT_THAT(messages, SizeIs(1));
    const uint64_t attempt = std::get<Hello>(*decode_station_message(messages.at(0))).attempt;
    talk_.unsent(std::move(messages));
    return attempt;
  }

  void ack(uint64_t have) {
    say(Ack{.attempt = attempt_,
            .session = kSession,
            .have_seq = have,
            .have_chain = chains_.at(have),
            .credit = 100});
  }

  void say(const CollectorMessage& message) { talk_.receive(encode(message), now_); }

  void pass(SteadyTime::duration time) {
    now_ += time;
    talk_.tick(now_);
  }

  std::vector<StationMessage> sent() {
    std::vector<StationMessage> messages;
    for (const std::string& raw : talk_.take_messages()) {
      messages.push_back(*decode_station_message(raw));
    }
    return messages;
  }

  std::vector<std::string> rows_sent() {
    std::vector<std::string> rows;
    for (const StationMessage& message : sent()) {
      if (const auto* events = std::get_if<Events>(&message)) {
        rows.insert(rows.end(), events->raw.begin(), events->raw.end());
      }
    }
    return rows;
  }

  JournalHead journal_{.number = 1};
  std::vector<Chain> chains_{Chain{}};
  SteadyTime now_{};
  uint64_t attempt_ = 0;
  Conversation talk_{
      StationId{},
      {.rows = [this](uint64_t from, size_t max_rows, size_t) -> Result<std::vector<JournalRow>> {
         std::vector<JournalRow> rows;
         for (uint64_t seq = from; seq <= journal_.last_seq && rows.size() < max_rows; ++seq) {
           rows.push_back({.seq = seq, .raw = std::to_string(seq), .chain = chains_.at(seq)});
         }
         return rows;
       },
       .chain_at = [this](uint64_t seq) -> Result<std::optional<Chain>> {
         return std::optional<Chain>(chains_.at(seq));
       }}};
};

TEST_F(ConversationTest, SendsWhatTheStoreDoesNotHave) {
  greet(1);
  EXPECT_THAT(rows_sent(), ElementsAre("2", "3"));
  EXPECT_EQ(talk_.take_facts().have_seq, 1u);
}

TEST_F(ConversationTest, SendsNewRowsAtOnce) {
  greet(3);
  grow(1);
  talk_.tick(now_);
  EXPECT_THAT(rows_sent(), ElementsAre("4"));
}

TEST_F(ConversationTest, StaysWithinTheCredit) {
  greet(0, 2);
  EXPECT_THAT(rows_sent(), ElementsAre("1", "2"));
  ack(1);
  EXPECT_THAT(rows_sent(), ElementsAre("3"));
}

TEST_F(ConversationTest, IgnoresAnotherAttemptAndAnotherSession) {
  greet(0);
  talk_.take_facts();
  rows_sent();
  say(Ack{.attempt = attempt_ + 1, .session = kSession, .have_seq = 3, .have_chain = chains_[3]});
  say(Ack{.attempt = attempt_, .session = kSession + 1, .have_seq = 3, .have_chain = chains_[3]});
  EXPECT_FALSE(talk_.take_facts().have_seq);
}

TEST_F(ConversationTest, SaysLessIsStoredWhenAWelcomeSaysSo) {
  greet(3);
  EXPECT_EQ(talk_.take_facts().have_seq, 3u);
  greet(1);
  EXPECT_EQ(talk_.take_facts().have_seq, 1u);
}

TEST_F(ConversationTest, SendsAgainWhatNobodyAcknowledged) {
  greet(0);
  EXPECT_THAT(rows_sent(), SizeIs(3));
  pass(1s);
  EXPECT_THAT(rows_sent(), IsEmpty());
  pass(1s);
  EXPECT_THAT(rows_sent(), ElementsAre("1", "2", "3"));
}

TEST_F(ConversationTest, AsksAgainSoonWhenAWelcomeWasLost) {
  talk_.connected(journal_, now_);
  const uint64_t lost = std::get<Hello>(sent().at(0)).attempt;
  grow(1);
  pass(1900ms);
  EXPECT_THAT(sent(), IsEmpty());
  pass(100ms);
  const auto again = sent();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(std::get<Hello>(again[0]).last_seq, 4u);
  attempt_ = std::get<Hello>(again[0]).attempt;
  EXPECT_NE(attempt_, lost);
  welcome(lost);
  EXPECT_EQ(talk_.phase(), Conversation::Phase::kGreeting) << "too late, and of another attempt";
  welcome(attempt_);
  EXPECT_EQ(talk_.phase(), Conversation::Phase::kSending);
}

TEST_F(ConversationTest, AsksAgainOnceOnAConnectionSoThatASlowAnswerIsTaken) {
  talk_.connected(journal_, now_);
  sent();
  pass(2s);
  attempt_ = std::get<Hello>(sent().at(0)).attempt;
  pass(14s);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(talk_.phase(), Conversation::Phase::kGreeting);
  pass(1s);
  EXPECT_EQ(talk_.phase(), Conversation::Phase::kAway);
}

TEST_F(ConversationTest, DoesNotAskAgainWhileTheFirstHelloHasNotLeft) {
  talk_.connected(journal_, now_);
  const uint64_t waiting = attempt_that_waits();
  pass(10s);
  EXPECT_EQ(attempt_that_waits(), waiting);
  const auto left = talk_.take_messages();
  ASSERT_THAT(left, SizeIs(1));
  pass(1s);
  EXPECT_THAT(sent(), IsEmpty());
  pass(1s);
  EXPECT_THAT(sent(), SizeIs(1)) << "two seconds after it left";
}

TEST_F(ConversationTest, PingsEveryFiveSecondsAndGivesUpAfterFifteen) {
  greet(3);
  sent();
  pass(5s);
  const auto messages = sent();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<Ping>(messages[0]));
  pass(10s);
  EXPECT_EQ(talk_.phase(), Conversation::Phase::kAway);
  pass(1s);
  EXPECT_TRUE(talk_.take_facts().new_attempt);
}

TEST_F(ConversationTest, APongKeepsItAlive) {
  greet(3);
  pass(14s);
  say(Pong{attempt_, kSession, 3});
  pass(14s);
  EXPECT_EQ(talk_.phase(), Conversation::Phase::kSending);
}

TEST_F(ConversationTest, ForksWhenTheStoreHasAnotherRow) {
  talk_.connected(journal_, now_);
  attempt_ = std::get<Hello>(sent().at(0)).attempt;
  say(Welcome{.attempt = attempt_,
              .session = kSession,
              .have_seq = 2,
              .have_chain = chains_[1],
              .credit = 100});
  EXPECT_TRUE(talk_.take_facts().forked);
  EXPECT_THAT(rows_sent(), IsEmpty());
}

TEST_F(ConversationTest, ForksWhenTheStoreHasMoreThanTheJournal) {
  talk_.connected(journal_, now_);
  attempt_ = std::get<Hello>(sent().at(0)).attempt;
  say(Welcome{
      .attempt = attempt_, .session = kSession, .have_seq = 4, .have_chain = {}, .credit = 100});
  EXPECT_TRUE(talk_.take_facts().forked);
}

TEST_F(ConversationTest, ForksWhenAnAckIsForOtherRows) {
  greet(0);
  say(Ack{.attempt = attempt_, .session = kSession, .have_seq = 3, .have_chain = chains_[2]});
  EXPECT_TRUE(talk_.take_facts().forked);
}

TEST_F(ConversationTest, ForksWhenTold) {
  greet(0);
  say(Fork{.attempt = attempt_, .session = kSession, .have_seq = 3});
  EXPECT_TRUE(talk_.take_facts().forked);
}

TEST_F(ConversationTest, WaitsWhenSuperseded) {
  greet(3);
  say(Superseded{attempt_});
  EXPECT_TRUE(talk_.take_facts().complaint);
  pass(29s);
  EXPECT_FALSE(talk_.take_facts().new_attempt);
  pass(1s);
  EXPECT_TRUE(talk_.take_facts().new_attempt);
}

TEST_F(ConversationTest, SaysHelloAgainWhenAsked) {
  greet(3);
  say(HelloPlease{attempt_, ""});
  pass(1s);
  EXPECT_TRUE(talk_.take_facts().new_attempt);
}

TEST_F(ConversationTest, KeepsWhatTheSocketWouldNotTake) {
  talk_.connected(journal_, now_);
  talk_.unsent(talk_.take_messages());
  EXPECT_TRUE(std::holds_alternative<Hello>(sent().at(0)));
}

TEST_F(ConversationTest, SurvivesBytesThatAreNoMessage) {
  greet(0);
  talk_.receive("\xff\xff", now_);
  talk_.receive("", now_);
  ack(3);
  EXPECT_EQ(talk_.take_facts().have_seq, 3u);
}

}  // namespace
}  // namespace earful::agent
