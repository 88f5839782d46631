#include "collector/intake/conversations.h"

#include <gmock/gmock.h>

#include "collector/store/verify.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kSession = 77;

class ConversationsTest : public testing::Test {
 protected:
  ConversationsTest()
      : store_(*Store::open(folder_.path() / "store.db")),
        keys_(*Keystore::open(folder_.path() / "keys.db")),
        conversations_(store_, keys_, counters_, kSession) {
    admit("desk", station_);
  }

  void admit(const std::string& name, const FakeStation& station) {
    const CurveKeys pair = make_curve_keys();
    EXPECT_TRUE(keys_.admit(name, pair.public_key, Role::kStation, kNoon).ok());
    EXPECT_TRUE(keys_.bind_station(pair.public_key, station.id).ok());
    keys_of_[name] = pair.public_key;
  }
  // What the collector answers to one message, everything committed.
  std::vector<Letter> say(const StationMessage& message, const std::string& peer = "p",
                          const std::string& name = "desk") {
    std::vector<Letter> answers;
    const auto identity = *keys_.find(keys_of_[name], kNoon);
    conversations_.take(peer, *identity, encode(message), now_, answers);
    EXPECT_TRUE(conversations_.commit(kNoon, answers).ok());
    return answers;
  }
  template <class Kind>
  std::optional<Kind> answer(const StationMessage& message, const std::string& peer = "p") {
    for (const Letter& letter : say(message, peer)) {
      if (const auto* found = std::get_if<Kind>(&letter.message)) return *found;
    }
    return std::nullopt;
  }
  uint64_t have() { return store_.journal({station_.id, station_.journal})->have_seq; }
  void write(int rows) {
    for (int i = 0; i < rows; ++i) station_.tag();
  }

  TemporaryFolder folder_;
  Store store_;
  Keystore keys_;
  Counters counters_;
  Conversations conversations_;
  FakeStation station_;
  std::map<std::string, std::string> keys_of_;
  SteadyTime now_{};
};

TEST_F(ConversationsTest, WelcomesAStationWithWhatItHas) {
  const auto welcome = answer<Welcome>(station_.hello(1));
  ASSERT_TRUE(welcome);
  EXPECT_EQ(welcome->attempt, 1u);
  EXPECT_EQ(welcome->session, kSession);
  EXPECT_EQ(welcome->have_seq, 0u);
  EXPECT_EQ(welcome->credit, kCredit);
  EXPECT_EQ(welcome->safe_seq, 0u);
  EXPECT_EQ(welcome->site_keys.size(), 1u);
}

TEST_F(ConversationsTest, AcknowledgesWhatItCommitted) {
  write(3);
  say(station_.hello(1));
  const auto ack = answer<Ack>(station_.events(1, kSession, 1, 3));
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->have_seq, 3u);
  EXPECT_EQ(ack->have_chain, station_.chains[3]);
  EXPECT_EQ(have(), 3u);
}

TEST_F(ConversationsTest, AcknowledgesAgainWhatItHas) {
  write(3);
  say(station_.hello(1));
  say(station_.events(1, kSession, 1, 3));
  EXPECT_EQ(answer<Ack>(station_.events(1, kSession, 1, 2))->have_seq, 3u);
  EXPECT_EQ(store_.head(), 3u);
}

TEST_F(ConversationsTest, TakesTheNewPartOfAnOverlap) {
  write(4);
  say(station_.hello(1));
  say(station_.events(1, kSession, 1, 2));
  EXPECT_EQ(answer<Ack>(station_.events(1, kSession, 2, 4))->have_seq, 4u);
  EXPECT_EQ(store_.head(), 4u);
}

TEST_F(ConversationsTest, SaysWhereToGoOnWhenRowsAreMissing) {
  write(3);
  say(station_.hello(1));
  EXPECT_EQ(answer<Ack>(station_.events(1, kSession, 3, 3))->have_seq, 0u);
  EXPECT_EQ(have(), 0u);
}

TEST_F(ConversationsTest, IgnoresImpossibleNumbers) {
  write(1);
  say(station_.hello(1));
  Events events = station_.events(1, kSession, 1, 1);
  for (const uint64_t seq : {uint64_t(0), ~uint64_t(0), kMaxSeq + 1}) {
    events.first_seq = seq;
    EXPECT_TRUE(say(events).empty());
  }
  EXPECT_EQ(counters_.messages_ignored, 3u);
  EXPECT_EQ(have(), 0u);
}

TEST_F(ConversationsTest, IgnoresMoreThanAMessageMayHold) {
  station_.write_raw(std::string(kMaxEventsMessageBytes + 1, 'x'));
  say(station_.hello(1));
  EXPECT_TRUE(say(station_.events(1, kSession, 1, 1)).empty());
  EXPECT_TRUE(say(Events{1, kSession, 1, std::vector<std::string>(1025, "x")}).empty());
  EXPECT_EQ(counters_.messages_ignored, 2u);
}

TEST_F(ConversationsTest, IgnoresAnotherAttemptAndAnotherSession) {
  write(1);
  say(station_.hello(1));
  EXPECT_TRUE(say(station_.events(2, kSession, 1, 1)).empty());
  EXPECT_TRUE(say(station_.events(1, kSession + 1, 1, 1)).empty());
  EXPECT_TRUE(say(Ping{2, kSession}).empty());
  EXPECT_EQ(counters_.messages_ignored, 3u);
  EXPECT_EQ(have(), 0u);
}

TEST_F(ConversationsTest, AsksForAHelloWhereThereIsNoConversation) {
  write(1);
  EXPECT_EQ(answer<HelloPlease>(station_.events(5, kSession, 1, 1))->attempt, 5u);
  EXPECT_TRUE(answer<HelloPlease>(Ping{5, kSession}));
  EXPECT_EQ(have(), 0u);
}

TEST_F(ConversationsTest, AnswersAPingWithWhatItHas) {
  write(2);
  say(station_.hello(1));
  say(station_.events(1, kSession, 1, 2));
  EXPECT_EQ(answer<Pong>(Ping{1, kSession})->have_seq, 2u);
}

TEST_F(ConversationsTest, FindsAForkWhereTheStationHasLess) {
  write(2);
  say(station_.hello(1));
  say(station_.events(1, kSession, 1, 2));
  Hello hello = station_.hello(2);
  hello.last_seq = 1;
  hello.chain_at_last = station_.chains[1];
  const auto fork = answer<Fork>(hello);
  ASSERT_TRUE(fork);
  EXPECT_EQ(fork->have_seq, 2u);
  EXPECT_EQ(counters_.forks, 1u);
  EXPECT_TRUE(answer<HelloPlease>(station_.events(2, kSession, 1, 2)));
}

TEST_F(ConversationsTest, FindsAForkWhereTheSameRowHasAnotherChain) {
  write(1);
  say(station_.hello(1));
  say(station_.events(1, kSession, 1, 1));
  Hello hello = station_.hello(2);
  hello.chain_at_last[0] ^= 1;
  EXPECT_TRUE(answer<Fork>(hello));
}

TEST_F(ConversationsTest, FindsAForkInTheChainBeforeTheFirstRow) {
  write(2);
  say(station_.hello(1));
  say(station_.events(1, kSession, 1, 1));
  Hello hello = station_.hello(2);
  hello.first_seq = 2;
  hello.chain_before_first = Chain{};
  EXPECT_TRUE(answer<Fork>(hello));
}

TEST_F(ConversationsTest, GoesOnAfterRowsThatCanNoLongerCome) {
  write(5);
  Hello hello = station_.hello(1);
  hello.first_seq = 4;
  hello.chain_before_first = station_.chains[3];
  EXPECT_EQ(answer<Welcome>(hello)->have_seq, 3u);
  EXPECT_EQ(answer<Ack>(station_.events(1, kSession, 4, 5))->have_chain, station_.chains[5]);
  EXPECT_EQ(counters_.gaps, 1u);
  EXPECT_TRUE(verify_store(folder_.path() / "store.db")->damage.empty());
}

TEST_F(ConversationsTest, RefusesAKeyThatSpeaksForAnotherStation) {
  write(1);
  Hello hello = station_.hello(1);
  hello.station_id = StationId{make_uuid_v4()};
  EXPECT_NE(answer<HelloPlease>(hello)->reason, "");
  EXPECT_TRUE(answer<HelloPlease>(station_.events(1, kSession, 1, 1)));
  EXPECT_EQ(counters_.alarms, 1u);
  EXPECT_EQ(store_.head(), 0u);
}

TEST_F(ConversationsTest, BindsAKeyToTheFirstStationItSays) {
  const CurveKeys pair = make_curve_keys();
  ASSERT_TRUE(keys_.admit("new", pair.public_key, Role::kStation, kNoon).ok());
  keys_of_["new"] = pair.public_key;
  FakeStation first, second;
  EXPECT_TRUE(std::holds_alternative<Welcome>(say(first.hello(1), "q", "new")[0].message));
  EXPECT_TRUE(std::holds_alternative<HelloPlease>(say(second.hello(2), "q", "new")[0].message));
  EXPECT_EQ((*keys_.find(pair.public_key, kNoon))->station_id, first.id);
}

TEST_F(ConversationsTest, RefusesAVersionItDoesNotSpeak) {
  Hello hello = station_.hello(1);
  hello.versions = {2, 3};
  EXPECT_NE(answer<HelloPlease>(hello)->reason, "");
}

TEST_F(ConversationsTest, LetsTheLastHelloWin) {
  write(1);
  say(station_.hello(1), "old");
  const auto letters = say(station_.hello(2), "new");
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].peer, "old");
  EXPECT_EQ(std::get<Superseded>(letters[0].message).attempt, 1u);
  EXPECT_TRUE(std::holds_alternative<Welcome>(letters[1].message));
  EXPECT_TRUE(answer<Superseded>(station_.events(1, kSession, 1, 1), "old"));
  EXPECT_EQ(have(), 0u);
  EXPECT_EQ(answer<Ack>(station_.events(2, kSession, 1, 1), "new")->have_seq, 1u);
}

TEST_F(ConversationsTest, RaisesAnAlarmWhenAKeyIsInTwoPlaces) {
  say(station_.hello(1), "a");
  say(station_.hello(2), "b");
  conversations_.superseded_was_heard("a", now_);
  EXPECT_EQ(counters_.alarms, 0u);
  now_ += 30s;
  say(station_.hello(3), "a");
  conversations_.superseded_was_heard("b", now_);
  EXPECT_EQ(counters_.alarms, 1u);
}

TEST_F(ConversationsTest, TakesAStationThatComesBackForOne) {
  for (int i = 0; i < 5; ++i) {
    say(station_.hello(uint64_t(i + 1)), "peer" + std::to_string(i));
    now_ += 61s;
    if (i > 0) conversations_.superseded_was_heard("peer" + std::to_string(i - 1), now_);
  }
  EXPECT_EQ(counters_.alarms, 0u);
}

TEST_F(ConversationsTest, LimitsHellos) {
  for (int i = 0; i < 1000; ++i) say(station_.hello(1));
  EXPECT_EQ(counters_.hellos_limited, 1000u - uint64_t(kMaxHellos));
  now_ += 11s;
  EXPECT_TRUE(answer<Welcome>(station_.hello(2)));
}

TEST_F(ConversationsTest, CountsWhatIsNoMessage) {
  std::vector<Letter> answers;
  const auto identity = *keys_.find(keys_of_["desk"], kNoon);
  for (const std::string& raw : {std::string("\xff\xff"), std::string(1, '\x0a')}) {
    conversations_.take("p", *identity, raw, now_, answers);
  }
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(counters_.messages_malformed, 2u);
}

TEST_F(ConversationsTest, CommitsSeveralStationsTogether) {
  FakeStation other;
  admit("other", other);
  write(1);
  other.tag();
  say(station_.hello(1), "p");
  say(other.hello(9), "q", "other");
  std::vector<Letter> answers;
  conversations_.take("p", **keys_.find(keys_of_["desk"], kNoon),
                      encode(StationMessage(station_.events(1, kSession, 1, 1))), now_, answers);
  conversations_.take("q", **keys_.find(keys_of_["other"], kNoon),
                      encode(StationMessage(other.events(9, kSession, 1, 1))), now_, answers);
  ASSERT_TRUE(conversations_.commit(kNoon, answers).ok());
  EXPECT_EQ(answers.size(), 2u);
  EXPECT_EQ(counters_.commits, 1u);
}

TEST_F(ConversationsTest, AcknowledgesNothingWhileTheDiskRefuses) {
  write(1);
  say(station_.hello(1));
  auto db = Database::open(folder_.path() / "store.db", {});
  ASSERT_TRUE(db->execute("ALTER TABLE events RENAME TO elsewhere").ok());
  std::vector<Letter> answers;
  const auto identity = *keys_.find(keys_of_["desk"], kNoon);
  conversations_.take("p", *identity, encode(StationMessage(station_.events(1, kSession, 1, 1))),
                      now_, answers);
  EXPECT_FALSE(conversations_.commit(kNoon, answers).ok());
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(counters_.commits_failed, 1u);
  ASSERT_TRUE(db->execute("ALTER TABLE elsewhere RENAME TO events").ok());
  ASSERT_TRUE(conversations_.commit(kNoon, answers).ok());
  EXPECT_EQ(std::get<Ack>(answers.at(0).message).have_seq, 1u);
}

TEST_F(ConversationsTest, TellsHowFarAStationMayDelete) {
  write(3);
  say(station_.hello(1));
  conversations_.set_safe_seqs({{{station_.id, station_.journal}, 2}});
  EXPECT_EQ(answer<Ack>(station_.events(1, kSession, 1, 3))->safe_seq, 2u);
}

TEST_F(ConversationsTest, GivesLessCreditWhileCommitsAreSlow) {
  conversations_.note_commit_time(900ms);
  EXPECT_EQ(answer<Welcome>(station_.hello(1))->credit, kCreditWhenSlow);
}

}  // namespace
}  // namespace earful::collector
