// The one writer of a store: rows of journals become records, exactly once. schema.h tells the
// bytes.
//
// Belongs to one thread (the intake's, or a follower's). Every public call that writes is one
// transaction: after Ok its effect is durable, after an error nothing of it happened and it may be
// called again. Errors are those of base/sqlite.h, and E_DB_LOG: the write-ahead log was deleted.
// store_advice.h tells which of them end the store.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/file_identity.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "collector/store/judge.h"
#include "collector/store/schema.h"
#include "proto/delivery.h"
#include "proto/feed.h"

namespace earful::collector {

struct JournalKey {
  StationId station;
  JournalId journal;
  auto operator<=>(const JournalKey&) const = default;
};

struct JournalState {
  int64_t number = 0;  // 0: the store has no row of it yet
  uint64_t have_seq = 0;
  Chain have_chain{};
};

struct NewRow {
  JournalKey key;
  uint64_t seq = 0;  // have_seq + 1 of its journal, counted through the batch
  std::string raw;
};

struct Appended {
  uint64_t stored = 0;    // new records, those in quarantine included
  uint64_t repeated = 0;  // the event was in the store already
  uint64_t quarantined = 0;
  uint64_t ids_reused = 0;  // same id, other content: in quarantine, and an alarm
};

// Where a mirror stands in the store it follows.
struct UpstreamCursor {
  StoreId store;
  FeedPosition position;
};

// The log is this long from the start, and stays as long as it ever was while the collector runs.
inline constexpr int64_t kStoreLogBytes = 16 << 20;

// One transaction's worth. More would only make each ack wait longer.
inline constexpr size_t kMaxBatch = 1024;

class Store {
 public:
  static Result<Store> open(const std::filesystem::path& path);

  const StoreId& id() const { return meta_.store_id; }
  uint64_t epoch() const { return meta_.epoch; }
  uint64_t head() const { return head_; }  // feed_seq of the last record

  // All zero for a journal the store does not know.
  Result<JournalState> journal(const JournalKey& key);

  Result<Appended> append(std::span<const NewRow> rows, WallTime now);

  // Rows up to first_seq - 1 can no longer come: commits a JournalGap and goes on at first_seq,
  // where the chain builds on chain_before_first.
  Result<void> skip_to(const JournalKey& key, uint64_t first_seq, const Chain& chain_before_first,
                       WallTime now);

  // Rows that waited for a newer program, judged again; how many are usable now.
  Result<uint64_t> reread_newer();

  // Nothing where this store takes events of stations itself.
  Result<std::optional<UpstreamCursor>> upstream();
  // Records of another store, and how far they go; how many of them changed anything.
  Result<uint64_t> mirror(std::span<const Record> records, const UpstreamCursor& cursor);

  // Another epoch, because what this store published after its head is no longer true.
  Result<void> start_new_epoch();

  // Small and quick: the bulk was written back by the checkpointer.
  Result<void> checkpoint() { return db_.checkpoint(); }
  // How much of the log is in use, for the checkpointer; any thread. A number and not a queue,
  // because only the newest is worth anything.
  std::shared_ptr<const std::atomic<int64_t>> log_bytes() const { return log_bytes_; }

 private:
  using Touched = std::map<JournalKey, JournalState>;
  struct Waiting {
    int64_t feed_seq;
    StationId station;
    std::string raw;
  };

  Result<void> prepare();
  Result<void> load();
  Result<void> append_row(const NewRow& row, WallTime now, Touched& touched, Appended& done);
  Result<JournalState*> touch(const JournalKey& key, Touched& touched);
  Result<void> save(const JournalState& state);
  Result<void> insert(int64_t journal, uint64_t seq, WallTime now, const std::string& reason,
                      const std::optional<EventId>& event_id, std::string_view raw,
                      std::string_view digest);
  Result<bool> repeats_stored(const EventId& id, std::string_view raw, const Digest& digest);
  Result<void> erase(const EventId& id);
  Result<std::vector<Waiting>> waiting_after(int64_t after, int64_t last);
  Result<void> reread(const std::vector<Waiting>& waiting);
  Result<bool> mirror_record(const Record& record);
  Result<int64_t> mirrored_journal(const Record& record);
  Result<void> finish(Result<void> outcome, const Touched& touched, uint64_t head_before);

  Result<void> check_log() const;

  Database db_;
  std::filesystem::path log_;  // SQLite's write-ahead log
  std::optional<FileIdentity> log_identity_;
  std::shared_ptr<std::atomic<int64_t>> log_bytes_ = std::make_shared<std::atomic<int64_t>>(0);
  StoreMeta meta_;
  uint64_t head_ = 0;
  std::map<JournalKey, JournalState> journals_;
  std::unordered_set<EventId> pending_erasures_;

  Statement insert_, find_event_, insert_repeat_, find_to_erase_, erase_, insert_journal_,
      save_journal_, find_journal_, insert_gap_, add_pending_, drop_pending_;
};

}  // namespace earful::collector
