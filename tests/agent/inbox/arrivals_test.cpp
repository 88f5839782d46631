#include "agent/inbox/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kCall = "/in/a.wav";
constexpr const char* kFacts = "/in/a.json";

// 10 s of quiet, 2 s for a sidecar; the disk does what the test says.
class ArrivalsTest : public testing::Test {
 protected:
  void pass(std::chrono::milliseconds time) { now += time; }
  // As the owner does: what is due is looked at again.
  std::vector<std::string> taken() {
    std::vector<std::string> ready;
    for (const std::string& path : arrivals.due(now)) {
      for (const std::string& name : {path, sidecar_of(path)}) {
        const auto on_disk = disk.find(name);
        if (on_disk == disk.end()) {
          arrivals.gone(name);
        } else {
          arrivals.seen(name, on_disk->second, 0s, now);
        }
      }
      if (arrivals.take(path, now)) ready.push_back(path);
    }
    return ready;
  }
  void write(const char* path, int64_t bytes) { disk[path] = {bytes, bytes}; }
  void see(const char* path, std::chrono::nanoseconds age = 0s) {
    arrivals.seen(path, disk[path], age, now);
  }
  void close(const char* path, int64_t bytes) {
    write(path, bytes);
    arrivals.whole(path, disk[path], now);
  }

  std::map<std::string, Stamp> disk;
  SteadyTime now{1h};
  Arrivals arrivals{{.quiet = 10s, .sidecar = 2s}};
};

TEST_F(ArrivalsTest, TakeAClosedFileWhenNoSidecarCame) {
  close(kCall, 5);
  EXPECT_THAT(taken(), IsEmpty());
  pass(1999ms);
  EXPECT_THAT(taken(), IsEmpty());
  pass(1ms);
  EXPECT_EQ(arrivals.next(), now);
  EXPECT_THAT(taken(), ElementsAre(kCall));
  EXPECT_EQ(arrivals.waiting(), 0u);
}

TEST_F(ArrivalsTest, TakeAFileAtOnceWhenItsSidecarCameLate) {
  close(kCall, 5);
  pass(500ms);
  EXPECT_THAT(taken(), IsEmpty());
  close(kFacts, 2);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, TakeAFileAtOnceWhenItsSidecarCameFirst) {
  close(kFacts, 2);
  pass(300ms);
  close(kCall, 5);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, WaitForASidecarThatIsBeingWritten) {
  close(kCall, 5);
  write(kFacts, 1);
  see(kFacts);
  pass(3s);
  EXPECT_THAT(taken(), IsEmpty());
  close(kFacts, 9);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, TakeAFileNobodyClosesAfterQuiet) {
  write(kCall, 1);
  see(kCall);
  for (int64_t bytes = 2; bytes < 6; ++bytes) {
    pass(9s);
    write(kCall, bytes);
    see(kCall);
    EXPECT_THAT(taken(), IsEmpty());
  }
  pass(10s);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, WaitAgainForAFileThatGrewWithoutAWord) {
  write(kCall, 1);
  see(kCall);
  pass(10s);
  write(kCall, 2);
  EXPECT_THAT(taken(), IsEmpty());
  pass(10s);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, WaitAgainForAFileThatIsOpenedAgain) {
  close(kCall, 5);
  pass(2s);
  write(kCall, 6);
  EXPECT_THAT(taken(), IsEmpty());
  close(kCall, 7);
  pass(2s);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, TakeAnOldFileAtOnce) {
  write(kCall, 5);
  see(kCall, 24h);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, TakeAFileFromTheFutureAfterQuiet) {
  write(kCall, 5);
  see(kCall, -24h);
  EXPECT_THAT(taken(), IsEmpty());
  pass(10s);
  EXPECT_THAT(taken(), ElementsAre(kCall));
}

TEST_F(ArrivalsTest, ForgetAFileThatWentAway) {
  close(kCall, 5);
  arrivals.gone(kCall);
  EXPECT_EQ(arrivals.next(), SteadyTime::max());
  EXPECT_EQ(arrivals.waiting(), 0u);
}

TEST_F(ArrivalsTest, KnowASidecarByItsWholeStem) {
  close("/in/a.b.wav", 5);
  pass(500ms);
  EXPECT_THAT(taken(), IsEmpty());
  close(kFacts, 2);
  EXPECT_THAT(taken(), IsEmpty()) << "a.json belongs to a.wav, not to a.b.wav";
  close("/in/a.b.json", 2);
  EXPECT_THAT(taken(), ElementsAre("/in/a.b.wav"));
}

TEST_F(ArrivalsTest, KeepSidecarsWithoutARecordingOnlyForAWhile) {
  close(kFacts, 2);
  EXPECT_EQ(arrivals.waiting(), 0u);
  pass(10s);
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(arrivals.next(), SteadyTime::max());
}

}  // namespace
}  // namespace earful::agent
