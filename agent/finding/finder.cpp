#include "agent/finding/finder.h"

#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/log.h"

namespace earful::agent {
namespace {

// A call that is being tagged is written once for all tags of this while: each time, all its words
// are.
constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::chrono::hours kForgetEvery{1};
constexpr int kNice = 10;  // tags and sound come first

}  // namespace

Result<std::unique_ptr<Finder>> Finder::start(const Indexer::Files& files) {
  EARFUL_ASSIGN(Indexer indexer, Indexer::open(files));
  return std::unique_ptr<Finder>(new Finder(std::move(indexer)));
}

Finder::Finder(Indexer indexer) : indexer_(std::move(indexer)) {
  thread_ = std::thread([this] { run(); });
}

Finder::~Finder() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_one();
  thread_.join();
}

void Finder::notify(const Notice& notice) {
  if (notice.type != "tag") return;
  const auto tag = nlohmann::json::parse(notice.data, nullptr, false);
  const auto call = CallId::parse(tag.is_object() ? tag.value("call_id", "") : "");
  if (!call) return;
  {
    const std::lock_guard lock(mutex_);
    changed_.push_back(*call);
  }
  waiting_.notify_one();
}

void Finder::run() {
  setpriority(PRIO_PROCESS, 0, kNice);  // on Linux of this thread alone
  std::string failed;
  SteadyTime forget_at = std::chrono::steady_clock::now() + kForgetEvery;
  for (;;) {
    std::vector<CallId> changed;
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      changed.swap(changed_);
    }
    auto looked = indexer_.look(changed);
    if (looked.ok() && !*looked && std::chrono::steady_clock::now() >= forget_at) {
      if (const auto done = indexer_.forget_removed(); !done.ok()) looked = done.error();
      forget_at = std::chrono::steady_clock::now() + kForgetEvery;
    }
    const std::string trouble = looked.ok() ? "" : looked.error().message;
    if (trouble != failed && !looked.ok()) log_warn("failed finder", {{"error", trouble}});
    failed = trouble;
    if (looked.ok() && *looked) continue;
    std::unique_lock lock(mutex_);
    waiting_.wait_for(lock, kLookEvery, [&] {
      return stopping_ || (changed.empty() && !changed_.empty() && failed.empty());
    });
  }
}

}  // namespace earful::agent
