// Plans listeners' hours one after another, on a thread of its own: a large library takes seconds
// to read, and a frame is synced. Connections are opened for each plan, so an idle planner costs
// nothing.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "agent/hour/frame.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/week.h"
#include "proto/event.h"

namespace earful::agent {

class HourPlanner {
 public:
  struct Options {
    std::filesystem::path state_file;
    std::filesystem::path library_dir;
    std::filesystem::path frames_dir;
    SiteCalendar calendar;
    HourRules rules;
  };
  struct Wish {
    ListenerId listener;
    Week week;  // whose hour it is
    WallTime now{};
  };
  // The frame of a plan with calls is on disk. Without calls: nothing could be drawn. On the
  // planner's thread; must not block. E_DISK, errors of State and Library.
  using Answer = std::function<void(Result<HourPlanned>)>;

  explicit HourPlanner(Options options);
  ~HourPlanner();  // finishes the plan it is at; those that wait get no answer
  HourPlanner(const HourPlanner&) = delete;
  HourPlanner& operator=(const HourPlanner&) = delete;

  // Any thread. Never blocks.
  void plan(Wish wish, Answer answer);

 private:
  void run();
  Result<HourPlanned> make(const Wish& wish) const;

  const Options options_;
  std::mutex mutex_;  // guards wishes_ and stopping_
  std::condition_variable waiting_;
  std::deque<std::pair<Wish, Answer>> wishes_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace earful::agent
