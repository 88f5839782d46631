// What a scribe does beside taking letters: how far the store is, the logs, and what may leave the
// journal. On the scribe's thread.
#include <algorithm>

#include "agent/journal/alarm.h"
#include "agent/journal/journal_scribe.h"
#include "base/log.h"

namespace earful::agent {
namespace {

// What is worth writing back while nobody waits.
constexpr int64_t kIdleLogBytes = kJournalLogBytes / 8;

// A row leaves the journal only when a backup of the store has it and it is this old.
constexpr std::chrono::days kKeepRows{90};
// Without backups nothing leaves until the journal is this big; then what the store has does,
// loudly.
constexpr int64_t kMaxJournalBytes = int64_t(1) << 30;
constexpr std::chrono::hours kTrimEvery{1};

}  // namespace

// Whether what failed may be tried again.
bool JournalScribe::made_room(const Error& error) {
  return error.code == "E_DB_FULL" && options_.make_room && options_.make_room();
}

void JournalScribe::tidy() {
  flush();
  trim();
  if (keeper_.behind()) keeper_.catch_up_again();
  write_back(kIdleLogBytes, kIdleLogBytes);
}

void JournalScribe::flush() {
  if (const auto flushed = journal_.flush(); !flushed.ok()) {
    log_warn("failed flush", {{"error", flushed.error().message}});
  }
}

void JournalScribe::trim() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (trimmed_ && now - *trimmed_ < kTrimEvery) return;
  trimmed_ = now;
  auto gone = journal_.trim(std::min(safe_seq_, journal_.stored_seq()), wall_now() - kKeepRows);
  const auto size = journal_.size();
  if (gone.ok() && size.ok() && *size > kMaxJournalBytes) {
    const uint64_t half = (journal_.head().first_seq + journal_.stored_seq()) / 2;
    gone = journal_.trim(half, wall_now());
    const std::string message =
        "The journal is over 1 GiB, so the oldest events the store has were deleted here; take a "
        "backup of the collector's store with `earful-collector backup`.";
    log_error("trimmed journal", {{"reason", message}});
    options_.notify(alarm("E_JOURNAL_SIZE", message));
  }
  if (!gone.ok()) {
    log_warn("failed trim", {{"error", gone.error().message}});
  } else if (*gone > 0) {
    log_info("trimmed journal", {{"rows", *gone}});
    publish_head();
  }
}

void JournalScribe::write_back(int64_t journal_bytes, int64_t state_bytes) {
  const auto both = [&]() -> Result<void> {
    EARFUL_TRY(journal_.write_back(journal_bytes));
    return keeper_.state().write_back(state_bytes);
  };
  auto done = both();
  if (!done.ok() && made_room(done.error())) done = both();
  // Everything is in the logs; the next batch tries again.
  if (!done.ok()) log_warn("failed write back", {{"error", done.error().message}});
}

}  // namespace earful::agent
