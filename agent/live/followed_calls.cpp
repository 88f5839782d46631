#include "agent/live/followed_calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/log.h"
#include "recorder/library/repair.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{500};
// While there is something to follow: a frame.
constexpr std::chrono::milliseconds kFollowEvery{20};
// Ten pages that did not come.
constexpr std::chrono::seconds kSilent{2};
constexpr size_t kMostCalls = 100;

}  // namespace

FollowedCalls::FollowedCalls(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { run(); });
}

FollowedCalls::~FollowedCalls() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::shared_ptr<LiveFeed> FollowedCalls::live(const CallId& call) const {
  const std::lock_guard lock(mutex_);
  for (const auto& feed : shown_) {
    if (feed->about().call == call) return feed;
  }
  return nullptr;
}

void FollowedCalls::run() {
  auto library = recorder::Library::open(options_.library_dir);
  if (!library.ok()) {
    return log_error("follow no calls", {{"error", library.error().message}});
  }
  std::optional<int64_t> looked_at;
  for (;;) {
    const auto version = library->data_version();
    if (!version.ok() || !settled_ || looked_at != *version) {
      const auto looked = look(*library);
      if (!looked.ok()) log_warn("follow no calls", {{"error", looked.error().message}});
      looked_at = version.ok() ? std::optional(*version) : std::nullopt;
    }
    for (auto& [id, followed] : calls_) follow(*library, id, followed);
    std::unique_lock lock(mutex_);
    const auto wait = calls_.empty() ? kLookEvery : kFollowEvery;
    if (wake_.wait_for(lock, wait, [&] { return ending_; })) return;
  }
}

Result<void> FollowedCalls::look(recorder::Library& library) {
  EARFUL_ASSIGN(const std::vector<recorder::Call> calls, library.live_calls(kMostCalls));
  settled_ = true;
  std::set<CallId> there;
  for (const recorder::Call& call : calls) {
    if (options_.own(call.id)) continue;
    there.insert(call.id);
    if (calls_.contains(call.id)) continue;
    auto opened = FollowedCall::open(library, call);
    settled_ = settled_ && opened.ok();  // it is there in a moment, or over
    if (opened.ok()) calls_[call.id].call = std::move(*opened);
  }
  for (auto one = calls_.begin(); one != calls_.end();) {
    const bool over = !there.contains(one->first);
    if (over) end(library, one->first, *one->second.call);
    one = over ? calls_.erase(one) : std::next(one);
  }
  return {};
}

void FollowedCalls::end(recorder::Library& library, const CallId& id, FollowedCall& call) {
  const auto row = library.find(id);
  const bool kept = row.ok() && *row;
  call.end(kept ? std::optional((*row)->duration) : std::nullopt);
  {
    const std::lock_guard lock(mutex_);
    std::erase(shown_, call.feed());
  }
  options_.notify({"calls", "{}"});
}

void FollowedCalls::follow(recorder::Library& library, const CallId& id, Followed& followed) {
  const auto now = steady_clock::now();
  FollowedCall& call = *followed.call;
  for (const recorder::CallNote& note : call.follow(now)) {
    Json data = {{"call_id", id.text()}};
    data["note"] = Json::parse(recorder::note_json(note));
    options_.notify({"note", data.dump()});
  }
  if (call.caught_up() && !followed.shown) {
    followed.shown = true;
    const std::lock_guard lock(mutex_);
    shown_.push_back(call.feed());
  }
  const bool silent = now - call.grown_at() > kSilent;
  if (silent && !followed.given_up) {
    // Repairs nothing that somebody still holds.
    const auto repaired = recorder::repair_live_calls(library);
    if (!repaired.ok()) log_warn("repaired no call", {{"error", repaired.error().message}});
    settled_ = false;  // what this connection changed itself does not show in the version
  }
  followed.given_up = silent;
}

}  // namespace earful::agent
