#include "collector/feed/follower.h"

#include "collector/feed/upstream.h"
#include "collector/setup/address.h"
#include "collector/store/verify.h"
#include "proto/invite.h"
#include "tests/collector/running_collector.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

class FollowerTest : public testing::Test {
 protected:
  FollowerTest()
      : client_(first_, SocketKind::kDealer, first_->endpoints().intake,
                first_.admit("station", Role::kStation)) {}

  void deliver() {
    const auto welcome = client_.say(station_.hello(++attempt_));
    ASSERT_TRUE(welcome && std::holds_alternative<Welcome>(*welcome));
    const auto& greeted = std::get<Welcome>(*welcome);
    for (uint64_t seq = greeted.have_seq + 1; seq <= station_.rows.size(); seq += 100) {
      const uint64_t last = std::min<uint64_t>(seq + 99, station_.rows.size());
      ASSERT_TRUE(client_.say(station_.events(attempt_, greeted.session, seq, last)));
    }
  }
  void follow() {
    const CurveKeys invitation = *first_.keys().invite("mirror", Role::kReader, wall_now());
    const Endpoints& at = first_->endpoints();
    const std::string line =
        invite_text({"127.0.0.1", port_of(at.intake), port_of(at.feed), port_of(at.desk),
                     first_.keys().server_keys().public_key, invitation.secret_key});
    auto upstream = join_upstream(line, folder().upstream());
    ASSERT_TRUE(upstream.ok()) << upstream.error().message;
    open_mirror(*upstream);
  }
  void open_mirror(const Upstream& upstream) {
    auto opened = Collector::open(folder(), {.feed = "tcp://127.0.0.1:0",
                                             .desk = "tcp://127.0.0.1:0",
                                             .http_port = 0,
                                             .upstream = upstream});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    mirror_ = *std::move(opened);
    ASSERT_TRUE(mirror_->start([] {}).ok());
  }
  DataFolder folder() { return {temporary_.path()}; }
  std::string digest(const DataFolder& of) { return *store_digest(of.store()); }
  bool equal_soon() {
    for (int i = 0; i < 500; ++i) {
      if (digest(folder()) == digest(first_.folder())) return true;
      poll({}, nullptr, 20ms);
    }
    return false;
  }

  RunningCollector first_;
  TemporaryFolder temporary_;
  FakeStation station_;
  Client client_;
  uint64_t attempt_ = 0;
  std::unique_ptr<Collector> mirror_;
};

TEST_F(FollowerTest, EndsEqualFromTheBeginningAndLive) {
  for (int i = 0; i < 3000; ++i) station_.tag();
  station_.write_raw("\xff\xff not an event");
  deliver();
  follow();
  EXPECT_TRUE(equal_soon());
  const EventId tag = station_.tag();
  deliver();
  EXPECT_TRUE(equal_soon());
  station_.write(station_.event(Erased{{tag}, "asked"}));
  deliver();
  EXPECT_TRUE(equal_soon());
  EXPECT_TRUE(verify_store(folder().store())->damage.empty());
}

TEST_F(FollowerTest, GoesOnWhereItStopped) {
  station_.tag();
  deliver();
  follow();
  EXPECT_TRUE(equal_soon());
  mirror_.reset();
  for (int i = 0; i < 50; ++i) station_.tag();
  deliver();
  open_mirror(*load_upstream(folder().upstream()));
  EXPECT_TRUE(equal_soon());
}

TEST_F(FollowerTest, TakesNoStationsAndNoOtherStoresEvents) {
  station_.tag();
  deliver();
  follow();
  EXPECT_TRUE(equal_soon());
  mirror_.reset();
  const auto upstream = *load_upstream(folder().upstream());
  EXPECT_EQ(Collector::open(folder(), {.intake = "tcp://127.0.0.1:0",
                                       .feed = "tcp://127.0.0.1:0",
                                       .desk = "tcp://127.0.0.1:0",
                                       .http_port = 0})
                .error()
                .code,
            "E_MIRROR");
  first_.stop();
  EXPECT_EQ(Collector::open(first_.folder(), {.feed = "tcp://127.0.0.1:0",
                                              .desk = "tcp://127.0.0.1:0",
                                              .http_port = 0,
                                              .upstream = upstream})
                .error()
                .code,
            "E_MIRROR");
}

}  // namespace
}  // namespace earful::collector
