#include "collector/collector.h"

#include "collector/feed/feed.h"
#include "collector/store/verify.h"
#include "tests/collector/running_collector.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

class CollectorTest : public testing::Test {
 protected:
  Client on_intake(const CurveKeys& keys) {
    return Client(collector_, SocketKind::kDealer, collector_->endpoints().intake, keys);
  }
  Client on_feed(const CurveKeys& keys, const std::string& topic = "") {
    Client client(collector_, SocketKind::kSub, collector_->endpoints().feed, keys);
    EXPECT_TRUE(client.socket().subscribe(topic).ok());
    return client;
  }
  Client on_desk(const CurveKeys& keys, SocketKind kind = SocketKind::kDealer) {
    return Client(collector_, kind, collector_->endpoints().desk, keys);
  }
  // A conversation in which everything was delivered.
  void deliver(Client& client) {
    const auto welcome = client.say(station_.hello(1));
    ASSERT_TRUE(welcome && std::holds_alternative<Welcome>(*welcome));
    session_ = std::get<Welcome>(*welcome).session;
    const uint64_t have = std::get<Welcome>(*welcome).have_seq;
    const auto ack = client.say(station_.events(1, session_, have + 1, station_.rows.size()));
    ASSERT_TRUE(ack && std::holds_alternative<Ack>(*ack));
    EXPECT_EQ(std::get<Ack>(*ack).have_seq, station_.rows.size());
  }
  uint64_t stored() { return verify_store(collector_.folder().store())->records; }

  RunningCollector collector_;
  FakeStation station_;
  uint64_t session_ = 0;
};

TEST_F(CollectorTest, TakesWhatAnAdmittedStationDelivers) {
  station_.tag();
  Client client = on_intake(collector_.admit("station", Role::kStation));
  deliver(client);
  EXPECT_EQ(stored(), 1u);
}

TEST_F(CollectorTest, HasAfterARestartWhatItAcknowledged) {
  const CurveKeys keys = collector_.admit("station", Role::kStation);
  station_.tag();
  {
    Client client = on_intake(keys);
    deliver(client);
  }
  collector_.stop();
  collector_.start();
  station_.tag();
  Client client = on_intake(keys);
  deliver(client);
  EXPECT_EQ(stored(), 2u);
  EXPECT_TRUE(verify_store(collector_.folder().store())->damage.empty());
}

TEST_F(CollectorTest, TakesTagsWhileCustomersCannotBeRead) {
  const CurveKeys keys = collector_.admit("station", Role::kStation);
  collector_.stop();
  const auto index = collector_.folder().customers();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(index.string() + suffix);
  }
  std::filesystem::create_directory(index);
  collector_.start();
  station_.tag();
  Client client = on_intake(keys);
  deliver(client);
  EXPECT_EQ(stored(), 1u);
  const auto reply = on_desk(keys).ask(GetCustomer{"k1:dana"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<Refused>(reply->reply).code, "E_LATER");

  std::filesystem::remove(index);
  Client desk = on_desk(keys);
  const auto until = std::chrono::steady_clock::now() + 10s;
  bool known = false;
  while (!known && std::chrono::steady_clock::now() < until) {
    const auto later = desk.ask(GetCustomer{"k1:dana"});
    known = later && std::holds_alternative<Customer>(later->reply);
  }
  EXPECT_TRUE(known);
}

TEST_F(CollectorTest, StartsANewEpochWhenAnOlderCopyWasPutBack) {
  const CurveKeys keys = collector_.admit("station", Role::kStation);
  collector_.stop();
  const auto store = collector_.folder().store(), copy = collector_.folder().root / "copy";
  std::filesystem::copy_file(store, copy);
  collector_.start();
  station_.tag();
  {
    Client client = on_intake(keys);
    deliver(client);
  }
  const uint64_t epoch = verify_store(store)->head.store_epoch;
  collector_.stop();
  std::filesystem::copy_file(copy, store, std::filesystem::copy_options::overwrite_existing);
  collector_.start();
  EXPECT_NE(verify_store(store)->head.store_epoch, epoch);
  Client client = on_intake(keys);
  deliver(client);
  EXPECT_EQ(stored(), 1u);
}

TEST_F(CollectorTest, LetsNoKeyInThatWasNotEnrolled) {
  Client client = on_intake(make_curve_keys());
  EXPECT_FALSE(client.say(station_.hello(1), kSilence));
  EXPECT_GT(collector_->counters().handshakes_refused, 0u);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(CollectorTest, LetsNoReaderDeliver) {
  station_.tag();
  Client client = on_intake(collector_.admit("reader", Role::kReader));
  EXPECT_FALSE(client.say(station_.hello(1), kSilence));
  EXPECT_EQ(stored(), 0u);
}

TEST_F(CollectorTest, SpeaksToNobodyWhoTakesItForAnotherServer) {
  const CurveKeys keys = collector_.admit("station", Role::kStation);
  Client client(collector_, SocketKind::kDealer, collector_->endpoints().intake, keys,
                make_curve_keys().public_key);
  EXPECT_FALSE(client.say(station_.hello(1), kSilence));
}

TEST_F(CollectorTest, SpeaksToNobodyWithoutCurve) {
  SocketContext context;
  auto plain = Socket::make(context, {.kind = SocketKind::kDealer});
  ASSERT_TRUE(plain->connect(collector_->endpoints().intake).ok());
  for (int i = 0; i < 100 && !plain->send({encode(StationMessage(station_.hello(1)))}); ++i) {
    poll({}, nullptr, 5ms);
  }
  const std::array<const Socket*, 1> sockets{&*plain};
  poll(sockets, nullptr, 500ms);
  EXPECT_FALSE(plain->receive());
  EXPECT_EQ(stored(), 0u);
}

TEST_F(CollectorTest, EndsAConversationWhenItsKeyIsRevoked) {
  station_.tag();
  Client client = on_intake(collector_.admit("station", Role::kStation));
  deliver(client);
  station_.tag();
  ASSERT_TRUE(collector_.keys().revoke("station", wall_now()).ok());
  EXPECT_FALSE(client.say(station_.events(1, session_, 2, 2), kSilence));
  EXPECT_EQ(stored(), 1u);
}

TEST_F(CollectorTest, DropsMessagesWithOtherParts) {
  station_.tag();
  Client client = on_intake(collector_.admit("station", Role::kStation));
  client.send({""});
  client.send({"", "", ""});
  client.send(std::vector<std::string>(17, "x"));
  client.send({"\xff\xff"});
  deliver(client);
  EXPECT_EQ(collector_->counters().messages_malformed, 4u);
}

TEST_F(CollectorTest, PublishesWhatWasCommitted) {
  Client reader = on_feed(collector_.admit("reader", Role::kReader), "event.Tagged");
  while (collector_->counters().subscriptions == 0) poll({}, nullptr, 5ms);
  station_.tag();
  Client client = on_intake(collector_.admit("station", Role::kStation));
  deliver(client);
  const auto message = reader.receive();
  ASSERT_TRUE(message && message->parts.size() == 2);
  EXPECT_EQ(message->parts[0], "event.Tagged");
  EXPECT_EQ(decode_record(message->parts[1])->raw, station_.rows[0]);
}

TEST_F(CollectorTest, TellsANewSubscriberWhereTheHeadIs) {
  Client reader = on_feed(collector_.admit("reader", Role::kReader), "head");
  const auto message = reader.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->parts[0], "head");
  EXPECT_EQ(decode_head(message->parts[1])->position.feed_seq, 0u);
}

TEST_F(CollectorTest, PublishesNothingToARevokedReader) {
  Client gone = on_feed(collector_.admit("gone", Role::kReader), "head");
  Client stays = on_feed(collector_.admit("stays", Role::kReader), "head");
  ASSERT_TRUE(gone.receive() && stays.receive());
  ASSERT_TRUE(collector_.keys().revoke("gone", wall_now()).ok());
  for (int i = 0; i < 4; ++i) poll({}, nullptr, 500ms);
  while (gone.receive(0ms)) {
  }
  while (stays.receive(0ms)) {
  }
  EXPECT_TRUE(stays.receive(3s));
  EXPECT_FALSE(gone.receive(1500ms));
}

TEST_F(CollectorTest, IgnoresSubscriptionsBeyondReason) {
  Client greedy = on_feed(collector_.admit("greedy", Role::kReader), std::string(300, 'x'));
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(greedy.socket().subscribe("event." + std::to_string(i)).ok());
  }
  Client modest = on_feed(collector_.admit("modest", Role::kReader), "head");
  EXPECT_TRUE(modest.receive());
  for (int i = 0; i < 4000 && collector_->counters().subscriptions_refused < 2001; ++i) {
    poll({}, nullptr, 5ms);
  }
  EXPECT_EQ(collector_->counters().subscriptions_refused, 2001u);
  EXPECT_EQ(collector_->counters().subscriptions, kMaxSubscriptionsPerKey + 1);
}

// Longer ones overflow the stack of libzmq in the client that asks.
TEST_F(CollectorTest, CutsOffASubscriberWithAnAbsurdTopic) {
  Client absurd = on_feed(collector_.admit("absurd", Role::kReader), std::string(20000, 'x'));
  Client modest = on_feed(collector_.admit("modest", Role::kReader), "head");
  EXPECT_TRUE(modest.receive());
  EXPECT_FALSE(absurd.receive(300ms));
}

TEST_F(CollectorTest, AnswersDealersAndReqsAtTheDesk) {
  const CurveKeys keys = collector_.admit("reader", Role::kReader);
  for (const SocketKind kind : {SocketKind::kDealer, SocketKind::kReq}) {
    Client client = on_desk(keys, kind);
    const auto reply = client.ask(Replay{});
    ASSERT_TRUE(reply);
    EXPECT_TRUE(std::holds_alternative<Page>(reply->reply));
  }
}

TEST_F(CollectorTest, EnrolsANewcomerThatThenDelivers) {
  const CurveKeys invitation = *collector_.keys().invite("new", Role::kStation, wall_now());
  const CurveKeys own = make_curve_keys();
  {
    Client desk = on_desk(invitation);
    const auto reply = desk.ask(Enroll{"new", own.public_key, station_.id});
    ASSERT_TRUE(reply && std::holds_alternative<Enrolled>(reply->reply));
  }
  station_.tag();
  Client client = on_intake(own);
  deliver(client);
  EXPECT_EQ(stored(), 1u);
}

TEST_F(CollectorTest, LetsAnInvitationIntoNoOtherRoom) {
  const CurveKeys invitation = *collector_.keys().invite("new", Role::kStation, wall_now());
  Client client = on_intake(invitation);
  EXPECT_FALSE(client.say(station_.hello(1), kSilence));
  Client reader = on_feed(invitation, "head");
  EXPECT_FALSE(reader.receive(1500ms));
}

TEST_F(CollectorTest, SharesItsFolderWithNobody) {
  EXPECT_EQ(Collector::open(collector_.folder(), {}).error().code, "E_LOCKED");
}

}  // namespace
}  // namespace earful::collector
