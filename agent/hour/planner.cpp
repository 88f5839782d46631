#include "agent/hour/planner.h"

#include <utility>

#include "agent/hour/plan.h"
#include "base/hash.h"

namespace earful::agent {

HourPlanner::HourPlanner(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { run(); });
}

HourPlanner::~HourPlanner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_one();
  thread_.join();
}

void HourPlanner::plan(Wish wish, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    wishes_.emplace_back(std::move(wish), std::move(answer));
  }
  waiting_.notify_one();
}

void HourPlanner::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    waiting_.wait(lock, [&] { return stopping_ || !wishes_.empty(); });
    if (stopping_) return;
    auto [wish, answer] = std::move(wishes_.front());
    wishes_.pop_front();
    lock.unlock();
    answer(make(wish));
  }
}

Result<HourPlanned> HourPlanner::make(const Wish& wish) const {
  EARFUL_ASSIGN(State state, State::open(options_.state_file, true));
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(options_.library_dir));
  EARFUL_ASSIGN(const Frame frame, listener_frame(library, state, wish.listener, options_.calendar,
                                                  options_.rules, wish.now));
  Seed seed{};
  fill_random(seed);
  const std::string text = frame_text(frame);
  HourPlanned plan = plan_hour(frame, text, seed, wish.week);
  if (!plan.calls.empty()) EARFUL_TRY(keep_frame(options_.frames_dir, text));
  return plan;
}

}  // namespace earful::agent
