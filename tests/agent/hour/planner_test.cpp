#include "agent/hour/planner.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "agent/hour/plan.h"
#include "agent/state/state.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class HourPlannerTest : public testing::Test {
 protected:
  void SetUp() override {
    options.state_file = folder.path() / "state.db";
    options.library_dir = folder.path() / "library";
    options.frames_dir = folder.path() / "frames";
    ASSERT_TRUE(State::open(options.state_file, false).ok());
    library.emplace(recorder::Library::open(options.library_dir).value());
  }
  void add_call() {
    recorder::Call call;
    call.id = CallId{make_uuid_v7(now)};
    call.snapshot.started_at = now - hours(7 * 24);
    call.duration = minutes(5) / std::chrono::milliseconds(1) * kPositionsPerMs;
    ASSERT_TRUE(library->add(call).ok());
  }
  HourPlanner::Wish wish() const {
    return {ListenerId{make_uuid_v7(now)}, options.calendar.week_of(now), now};
  }
  std::future<Result<HourPlanned>> plan(HourPlanner& planner) const {
    auto told = std::make_shared<std::promise<Result<HourPlanned>>>();
    planner.plan(wish(), [told](Result<HourPlanned> plan) { told->set_value(std::move(plan)); });
    return told->get_future();
  }

  TemporaryFolder folder;
  WallTime now = wall_now();
  HourPlanner::Options options;
  std::optional<recorder::Library> library;
};

TEST_F(HourPlannerTest, AnswersOneAfterAnotherAndNeverWhereItWasAsked) {
  add_call();
  HourPlanner planner(options);
  std::promise<void> go;
  std::thread::id first;
  planner.plan(wish(), [&, wait = go.get_future().share()](const auto&) {
    first = std::this_thread::get_id();
    wait.wait();
  });
  auto second = plan(planner);  // returns, though the first answer holds the planner up
  go.set_value();
  EXPECT_TRUE(second.get().ok());
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST_F(HourPlannerTest, KeepsTheFrameOfWhatItPlanned) {
  HourPlanner planner(options);
  const Result<HourPlanned> none = plan(planner).get();
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->calls.empty());
  EXPECT_FALSE(std::filesystem::exists(options.frames_dir));
  add_call();  // seen without a start anew
  const Result<HourPlanned> one = plan(planner).get();
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->calls.size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(frame_path(options.frames_dir, one->frame_sha256)));
}

TEST_F(HourPlannerTest, SaysWhatIsWrongWithTheDisk) {
  add_call();
  folder.write("frames", "no folder");
  HourPlanner planner(options);
  const Result<HourPlanned> refused = plan(planner).get();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "E_DISK");
}

TEST_F(HourPlannerTest, EndsWithPlansThatWait) {
  HourPlanner planner(options);
  for (int i = 0; i < 100; ++i) planner.plan(wish(), [](const auto&) {});
}

}  // namespace
}  // namespace earful::agent
