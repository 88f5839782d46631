#include "collector/feed/follower.h"

#include "base/log.h"
#include "collector/store/store_advice.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

constexpr auto kTryAgain = 500ms;

}  // namespace

Result<std::unique_ptr<Follower>> Follower::open(Store store, const Upstream& upstream,
                                                 Counters& counters,
                                                 std::function<void()> committed) {
  std::unique_ptr<Follower> follower(
      new Follower(std::move(store), counters, std::move(committed)));
  EARFUL_ASSIGN(follower->follows_, follower->store_.upstream());
  if (!follower->follows_ && follower->store_.head() > 0) {
    return Error{"E_MIRROR", "following " + upstream.feed() +
                                 ": this folder has events of its own; choose a new one with "
                                 "--data"};
  }
  const UpstreamCursor at = follower->follows_.value_or(UpstreamCursor{});
  EARFUL_ASSIGN(follower->client_, FeedClient::connect(upstream, at.store, at.position));
  return follower;
}

void Follower::run(const std::atomic<bool>& stop, const Wake& wake) {
  while (!stop) {
    const auto records = client_->wait(1h, &wake);
    wake.drain();
    ++counters_.writer_turns;
    if (!records.ok()) {
      log_warn("follow failed", {{"error", records.error().message}});
      poll({}, &wake, kTryAgain);
      continue;
    }
    if (!records->empty() && !keep(*records, stop, wake)) return;
    if (checkpoint_.exchange(false)) (void)store_.checkpoint().ok();
  }
}

// False: it cannot go on.
bool Follower::keep(const std::vector<Record>& records, const std::atomic<bool>& stop,
                    const Wake& wake) {
  const FeedCursor& cursor = client_->cursor();
  if (follows_ && follows_->store != cursor.store()) {
    fatal_ = Error{"E_MIRROR",
                   "following: another store answers than the one mirrored here; "
                   "choose a new folder with --data"};
    return false;
  }
  follows_ = UpstreamCursor{cursor.store(), cursor.position()};
  while (!stop) {
    const auto changed = store_.mirror(records, *follows_);
    counters_.holding = changed.ok() ? 0 : 1;
    if (changed.ok()) {
      ++counters_.commits;
      counters_.events_stored += *changed;
      committed_();
      return true;
    }
    ++counters_.commits_failed;
    log_error("commit failed", {{"error", changed.error().message}});
    if (is_beyond_use(changed.error())) {
      fatal_ = with_advice(changed.error());
      return false;
    }
    poll({}, &wake, kTryAgain);
    wake.drain();
    ++counters_.writer_turns;
  }
  return true;
}

}  // namespace earful::collector
