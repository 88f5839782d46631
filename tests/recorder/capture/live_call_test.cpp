#include "recorder/capture/live_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <future>
#include <map>

#include "recorder/codec/ogg_opus_decoder.h"
#include "recorder/codec/peaks.h"
#include "recorder/frame/frame.h"
#include "recorder/library/repair.h"
#include "recorder/source/play_source.h"
#include "tests/recorder/click_finder.h"
#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kHour = 360;  // a sanitizer takes ten times as long
#else
constexpr int kHour = 3600;
#endif

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Time that stands still but for whoever waits for it. Only the thread of the call does.
class TestClock : public PlayClock {
 public:
  CaptureTime now() const override { return CaptureTime(now_.load()); }
  bool wait_until(CaptureTime when, milliseconds wait) override {
    const CaptureTime until = std::min(when, now() + CaptureTime(wait));
    if (until > now()) now_ = until.count();
    while (!at.empty() && at.begin()->first <= now()) at.extract(at.begin()).mapped()();
    return when <= now();
  }

  std::multimap<CaptureTime, std::function<void()>> at;  // what happens when, set before the call

 private:
  std::atomic<int64_t> now_{0};
};

struct TestSink : LiveSink {
  void begun(const LiveStart& told) override { start = told; }
  void packet(const LivePacket& packet) override {
    EXPECT_EQ(packet.position, Position(packets) * kFramePositions);
    ++packets;
    paused += packet.paused;
    if (on_packet) on_packet(packet);
  }
  void note(const CallNote& note) override { notes.push_back(note); }
  void failed(const Error& error) override {
    faults.push_back(error);
    if (on_failed) on_failed();
    over.set_value();
  }
  void ended() override { over.set_value(); }
  bool awaited() const override { return listened_to; }

  LiveStart start;
  bool listened_to = false;
  int packets = 0;
  int paused = 0;
  std::function<void(const LivePacket&)> on_packet;
  std::function<void()> on_failed;
  std::vector<CallNote> notes;
  std::vector<Error> faults;
  std::promise<void> over;
};

// Where the clicks of each leg stand in a kept call.
struct Clicks : PcmSink {
  Result<void> format(const PcmFormat& told) override {
    for (int leg = 0; leg < told.channels; ++leg) legs.emplace_back(told.rate_hz);
    return {};
  }
  Result<void> samples(std::span<const int16_t> pcm) override {
    for (size_t i = 0; i < pcm.size(); ++i) legs[i % legs.size()].push(pcm.subspan(i, 1));
    return {};
  }
  void warn(const std::string& what) override { warnings.push_back(what); }
  // How far the worst is from a half second, in seconds.
  double worst(size_t leg) const {
    double most = 0;
    for (const double click : legs[leg].clicks) {
      most = std::max(most, std::abs(std::remainder(click - 0.5, 1.0)));
    }
    return most;
  }

  std::vector<ClickFinder> legs;
  std::vector<std::string> warnings;
};

struct NotedSource : PlaySource {
  using PlaySource::PlaySource;
  void gather(bool on) override { gathers = on; }
  bool gathers = false;
};

class LiveCallTest : public testing::Test {
 protected:
  // A source that hears a click at every half second of true time.
  void listen(int leg, const PlayOptions& play, seconds length, int rate_hz = 8000,
              int channels = 1) {
    const double true_rate = rate_hz * (1 + play.drift_ppm * 1e-6);
    const SampleMaker make = [=](int64_t first, std::span<int16_t> out) -> Result<void> {
      for (size_t i = 0; i < out.size(); ++i) {
        out[i] = click_at(double(first + int64_t(i) / channels) / true_rate - 0.5);
      }
      return {};
    };
    options_.tracks.push_back(
        {std::make_unique<NotedSource>(PcmFormat{rate_hz, channels},
                                       std::llround(double(length.count()) * true_rate), make, play,
                                       clock_),
         leg, false});
  }

  void start() {
    options_.library_dir = folder_.path() / "library";
    options_.call.id.bytes[0] = 0xab;
    id_ = options_.call.id;
    options_.encoder.complexity = 0;
    clock_->at.emplace(0, [&] { known_.get_future().wait(); });
    auto started = LiveCall::start(std::move(options_), sink_);
    ASSERT_TRUE(started.ok()) << started.error().message;
    call_ = std::move(*started);
    known_.set_value();
  }
  Result<Call> stop_when_over() {
    sink_.over.get_future().wait();
    return call_->stop();
  }
  Clicks heard() {
    std::ifstream file(library().audio_path(id_), std::ios::binary);
    Clicks clicks;
    const auto read = [&](std::span<char> out) {
      file.read(out.data(), std::streamsize(out.size()));
      return size_t(file.gcount());
    };
    EXPECT_TRUE(decode_ogg_opus(read, clicks).ok());
    EXPECT_THAT(clicks.warnings, IsEmpty());
    return clicks;
  }
  Library library() const { return Library::open(folder_.path() / "library").value(); }

  TemporaryFolder folder_;
  std::shared_ptr<TestClock> clock_ = std::make_shared<TestClock>();
  TestSink sink_;
  LiveCall::Options options_;
  std::promise<void> known_;  // call_ is
  std::unique_ptr<LiveCall> call_;
  CallId id_;
};

TEST_F(LiveCallTest, StandsWhereItWasSaidAfterAnHour) {
  PlayOptions agent;
  agent.drift_ppm = 500;
  PlayOptions customer;
  customer.drift_ppm = -200;
  customer.gaps = {{seconds(kHour / 3), seconds(kHour / 3 + 3), GapCause::kOverflow},
                   {seconds(kHour * 2 / 3), seconds(kHour * 2 / 3 + 30), GapCause::kDeviceLost}};
  listen(0, agent, seconds(kHour));
  listen(1, customer, seconds(kHour));
  clock_->at.emplace(seconds(kHour / 2), [&] { call_->pause(); });
  clock_->at.emplace(seconds(kHour / 2 + 5), [&] { call_->resume(); });
  start();
  const auto kept = stop_when_over();
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_NEAR(position_ms(kept->duration), kHour * 1000.0, 10);
  EXPECT_EQ(sink_.packets, int((kept->duration + kFramePositions - 1) / kFramePositions));

  ASSERT_THAT(kept->notes, SizeIs(3));
  EXPECT_EQ(kept->notes[0].cause, "overflow");
  EXPECT_EQ(kept->notes[0].leg, 1);
  EXPECT_EQ(kept->notes[0].lost_samples, 3 * 8000);
  EXPECT_NEAR(position_ms(kept->notes[0].end - kept->notes[0].start), 3000, 10);
  EXPECT_EQ(kept->notes[1].kind, CallNote::Kind::kPause);
  EXPECT_NEAR(position_ms(kept->notes[1].end - kept->notes[1].start), 5000, 45);
  EXPECT_NEAR(sink_.paused, 250, 3);
  EXPECT_EQ(kept->notes[2].cause, "device_lost");
  EXPECT_NEAR(position_ms(kept->notes[2].end - kept->notes[2].start), 30'000, 20);

  const Clicks clicks = heard();
  EXPECT_EQ(clicks.legs[0].clicks.size(), size_t(kHour) - 5);
  EXPECT_EQ(clicks.legs[1].clicks.size(), size_t(kHour) - 5 - 3 - 30);
  EXPECT_LT(clicks.worst(0), 0.01);
  EXPECT_LT(clicks.worst(1), 0.01);
  EXPECT_EQ(library().find(id_)->value().live, false);
  EXPECT_EQ(read_peaks(library().peaks_path(id_))->frames(), size_t(sink_.packets));
}

TEST_F(LiveCallTest, WritesPagesWhileTheCallGoesOn) {
  listen(LiveTrack::kBothLegs, {}, seconds(3), 16000, 2);
  Position newest = 0;
  sink_.on_packet = [&](const LivePacket& packet) {
    if (packet.position != 2 * kPositionsPerSecond) return;
    std::ifstream file(sink_.start.file, std::ios::binary);
    OggPages pages([&](std::span<char> out) {
      file.read(out.data(), std::streamsize(out.size()));
      return size_t(file.gcount());
    });
    while (const auto page = pages.next()) newest = page->granule;
  };
  start();
  EXPECT_EQ(sink_.start.legs, 2);
  EXPECT_EQ(sink_.start.sample_rate_hz, 16000);
  ASSERT_TRUE(stop_when_over().ok());
  EXPECT_GE(newest, position_of_ms(1800));
  EXPECT_EQ(heard().legs[1].clicks.size(), 3u);
}

TEST_F(LiveCallTest, LetsBlocksGatherWhileNobodyListens) {
  listen(0, {}, seconds(4));
  const auto& source = dynamic_cast<const NotedSource&>(*options_.tracks[0].source);
  std::vector<bool> gathered;
  sink_.on_packet = [&](const LivePacket& packet) {
    if (packet.position % kPositionsPerSecond != 0) return;
    gathered.push_back(source.gathers);
    sink_.listened_to = packet.position == kPositionsPerSecond;
  };
  start();
  ASSERT_TRUE(stop_when_over().ok());
  EXPECT_THAT(gathered, ElementsAre(true, true, false, true));
}

TEST_F(LiveCallTest, KeepsWhatWasTakenUntilItIsStopped) {
  listen(0, {}, seconds(0x7fffffff));
  std::promise<void> reached;
  sink_.on_packet = [&](const LivePacket& packet) {
    if (packet.position == 5 * kPositionsPerSecond) reached.set_value();
  };
  start();
  reached.get_future().wait();
  const auto kept = call_->stop();
  ASSERT_TRUE(kept.ok());
  EXPECT_GE(kept->duration, 5 * kPositionsPerSecond);
  EXPECT_EQ(library().find(id_)->value().duration, kept->duration);
}

TEST_F(LiveCallTest, ForgetsACallThatNeverGaveASample) {
  PlayOptions nothing;
  listen(0, nothing, seconds(0));
  start();
  const auto kept = stop_when_over();
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(kept->duration, 0);
  EXPECT_FALSE(library().find(id_)->has_value());
}

TEST_F(LiveCallTest, SaysOnceThatTheDiskTakesNoMore) {
  // A disk that is full after 20 kB: the limit on a file's size stands in for it.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 20'000;
  listen(0, {}, seconds(60));
  sink_.on_packet = [&](const LivePacket& packet) {
    if (packet.position == kPositionsPerSecond) setrlimit(RLIMIT_FSIZE, &small);
  };
  start();
  const auto kept = stop_when_over();
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_FALSE(kept.ok());
  EXPECT_THAT(sink_.faults, SizeIs(1));
  EXPECT_TRUE(library().find(id_)->value().live);
  // There was no room for the repair either; the next start has it.
  Library later = library();
  ASSERT_TRUE(repair_live_calls(later).ok());
  EXPECT_TRUE(later.find(id_)->value().cut);
}

TEST_F(LiveCallTest, MakesACallOfWhatADiskTookBeforeItWasFull) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 20'000;
  listen(0, {}, seconds(60));
  sink_.on_packet = [&](const LivePacket& packet) {
    if (packet.position == kPositionsPerSecond) setrlimit(RLIMIT_FSIZE, &small);
  };
  sink_.on_failed = [&] { setrlimit(RLIMIT_FSIZE, &before); };
  start();
  const auto kept = stop_when_over();
  std::signal(SIGXFSZ, ignored);
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_TRUE(kept->cut);
  EXPECT_FALSE(kept->live);
  EXPECT_GT(kept->duration, 5 * kPositionsPerSecond);
  EXPECT_THAT(sink_.faults, SizeIs(1));
}

TEST_F(LiveCallTest, RefusesLegsThatAreThereTwiceOrNotAtAll) {
  options_.library_dir = folder_.path() / "library";
  EXPECT_EQ(LiveCall::start(std::move(options_), sink_).error().code, "E_LEGS");
  options_ = {};
  options_.library_dir = folder_.path() / "library";
  listen(1, {}, seconds(1));
  listen(1, {}, seconds(1));
  EXPECT_EQ(LiveCall::start(std::move(options_), sink_).error().code, "E_LEGS");
}

}  // namespace
}  // namespace earful::recorder
