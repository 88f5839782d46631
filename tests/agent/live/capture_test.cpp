// One capture and its orders, with a tone for a device.
#include "agent/live/capture.h"

#include <gtest/gtest.h>

#include <future>

#include "recorder/library/library.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using Done = std::future<Result<CapturePlace>>;

class CaptureTest : public testing::Test {
 protected:
  static CaptureProfile tone(const std::string& source) {
    CaptureProfile profile;
    profile.name = "desk";
    profile.source = source;
    return profile;
  }
  static Capture::Answer to(Done& done) {
    const auto told = std::make_shared<std::promise<Result<CapturePlace>>>();
    done = told->get_future();
    return [told](Result<CapturePlace> place) { told->set_value(std::move(place)); };
  }
  void make(const std::string& source) {
    capture_.emplace(
        tone(source), folder_.path() / "library", [](const Notice&) {}, room_, counters_);
  }
  Result<CapturePlace> start() {
    Done done;
    capture_->start("", to(done));
    return done.get();
  }
  // The capture's thread stays with an order until open_gate().
  void close_gate() {
    std::promise<void> reached;
    capture_->resume([&, opened = gate_.get_future().share()](const auto&) {
      reached.set_value();
      opened.wait();
    });
    reached.get_future().wait();
  }
  void open_gate() { gate_.set_value(); }

  TemporaryFolder folder_;
  RecordingRoom room_{folder_.path(), [](const Notice&) {}};
  CaptureCounters counters_;
  std::promise<void> gate_;
  std::optional<Capture> capture_;
};

TEST_F(CaptureTest, DoesNotEndTheNextCallWhereTheLastOneEndedByItself) {
  make("tone:440?seconds=2");
  const auto first = start();
  ASSERT_TRUE(first.ok()) << first.error().message;
  close_gate();
  Done stopped, started;
  capture_->stop(to(stopped));
  capture_->start("", to(started));
  // The tone ends by itself, which is told after these orders.
  while (capture_->view().position < 1940 * kPositionsPerMs) std::this_thread::yield();
  for (int i = 0; i < 10000; ++i) std::this_thread::yield();
  open_gate();
  EXPECT_TRUE(stopped.get().ok());
  const auto second = started.get();
  ASSERT_TRUE(second.ok());
  Done resumed;
  capture_->resume(to(resumed));
  ASSERT_TRUE(resumed.get().ok()) << "ended by the end of the call before it";
  EXPECT_EQ(capture_->view().call, second->call);
}

TEST_F(CaptureTest, BeginsNoCallOnceItEnds) {
  make("tone:440");
  close_gate();
  Done started;
  capture_->start("", to(started));
  capture_->end();
  open_gate();
  const auto answer = started.get();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, "E_BUSY");
}

TEST_F(CaptureTest, KeepsTheCallThatGoesOnWhenItEnds) {
  make("tone:440?speed=10");
  const auto started = start();
  ASSERT_TRUE(started.ok()) << started.error().message;
  while (capture_->view().position < 100 * kPositionsPerMs) std::this_thread::yield();
  capture_.reset();
  auto library = recorder::Library::open(folder_.path() / "library");
  const auto kept = library->find(started->call);
  ASSERT_TRUE(kept.ok() && *kept);
  EXPECT_FALSE((*kept)->live);
  EXPECT_GE((*kept)->duration, 100 * kPositionsPerMs);
}

}  // namespace
}  // namespace earful::agent
