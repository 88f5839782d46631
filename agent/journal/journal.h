// The journal: every event of this station, durable before anybody is told so. DATA/journal.db,
// SQLite, WAL, synchronous=FULL, mode 0600:
//
//   meta(key, value)                            format 1
//   journals(number, journal_id, opened_ms, closed_ms, stored_seq, reason)
//                                               one row a journal; the open one has the highest
//                                               number
//   entries(id, journal, seq, event_id, raw, chain)
//                                               seq 1, 2, 3, ... in each journal
//                                               chain(seq) = generichash(chain(seq-1),
//                                               generichash(raw)) of raw as it was appended; an
//                                               Erased takes the personal data out of it later
//
// A journal closes for good when it turns out not to be the one the store knows (a fork) or when a
// sync failed; its rows not known to be stored are appended to the next one under their old event
// ids.
//
// Journal belongs to the scribe's thread; others read through a JournalReader.
// Errors: E_LOCKED another process has it; E_NETWORK_DISK; E_FUTURE a newer program wrote it;
// E_DB_*.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_identity.h"
#include "base/folder_lock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/delivery.h"

namespace earful::agent {

struct JournalEntry {
  EventId event_id;
  std::string raw;
};

struct JournalRow {
  uint64_t seq = 0;
  EventId event_id;
  std::string raw;
  Chain chain{};

  // From a query for "seq, event_id, raw, chain".
  static JournalRow from(const Statement& query);
};

inline constexpr const char* kJournalFileName = "journal.db";
// The log keeps this length: some two hundred tags. In a stream of letters it is written back
// before it would outgrow its file.
inline constexpr int64_t kJournalLogBytes = 4 << 20;
inline constexpr int64_t kFullJournalLogBytes = kJournalLogBytes - kJournalLogBytes / 8;
Chain chain_from(std::string_view bytes);
// E_FUTURE for the file of a newer program; writes nothing.
Result<void> refuse_newer_journal(Database& db, const std::filesystem::path& data_dir);

// What another thread needs to know to read and deliver the open journal.
struct JournalHead {
  int64_t number = 0;
  JournalId id;
  uint64_t first_seq = 1;  // oldest row kept; last_seq + 1 when there is none
  uint64_t last_seq = 0;
  Chain last_chain{};
  Chain chain_before_first{};
  uint64_t file = 0;  // grows when the file was replaced and readers must open it again

  bool operator==(const JournalHead&) const = default;
};

class Journal {
 public:
  static Result<Journal> open(const std::filesystem::path& data_dir);

  const JournalHead& head() const { return head_; }

  // One durable commit for all of them. On an error none is in the journal; after E_DB_IO call
  // start_new_file() before anything else.
  Result<void> append(std::span<const JournalEntry> entries);

  // The newest row with that event id, in whichever journal.
  Result<std::optional<JournalRow>> find(const EventId& id);

  // Rows up to here are known to be in the store. Written with the next append or by flush(): a
  // lower bound is always safe.
  uint64_t stored_seq() const { return stored_seq_; }
  void set_stored_seq(uint64_t seq);
  Result<void> flush();

  // Takes the personal data out of the rows of these events, in all journals, in one durable
  // commit. Chains stay, as the store has them of what was sent; one that gets such a row only
  // later finds another chain, which is a fork. After E_DB_IO as with append().
  Result<void> erase(std::span<const EventId> events);

  // Writes the log back into the file: takes milliseconds, so between two batches, when more than
  // this waits.
  Result<void> write_back(int64_t more_than_bytes);

  // Deletes rows of the open journal up to this seq that were saved before then; how many went. The
  // caller says what is safe: a row that is gone cannot heal a store.
  Result<int64_t> trim(uint64_t up_to_seq, WallTime saved_before);
  // Bytes of the file.
  Result<int64_t> size();

  // Closes the open journal and opens another; returns the rows appended again, with their new seq.
  Result<std::vector<JournalRow>> fork(const std::string& reason);

  // The store by this name (its id and epoch) has rows of the open journal up to have_seq. A store
  // that has none of them, and is another than before or once had some, may lack the closed
  // journals as well: then everything that is kept is appended to a new journal, each event once
  // and in the order in which it was first said. True when that happened.
  Result<bool> meet_store(const std::string& store, uint64_t have_seq);

  // A failed sync is final for a file: copies what was committed into a new one, keeps the old one
  // beside it, and forks.
  Result<std::vector<JournalRow>> start_new_file(const std::string& reason);

 private:
  Journal(std::filesystem::path dir, FolderLock lock)
      : lock_(std::move(lock)), dir_(std::move(dir)) {}
  Result<void> open_file();
  Result<void> check_log();
  std::filesystem::path log() const { return dir_ / (std::string(kJournalFileName) + "-wal"); }
  Result<void> load();
  Result<void> open_next(const std::string& reason);
  // Inside a transaction; what becomes of the head if it fails is the caller's.
  Result<void> append_row(JournalHead& head, const EventId& event, std::string_view raw,
                          WallTime saved);
  Result<std::vector<JournalRow>> rows_after(int64_t number, uint64_t seq);
  Result<void> keep_store(const std::string& store);
  Result<bool> has_closed_rows();
  Result<void> append_all_again();

  FolderLock lock_;  // first, so that it is let go last
  std::filesystem::path dir_;
  Database db_;
  std::optional<FileIdentity> log_identity_;
  JournalHead head_;
  std::string store_;  // the last one met
  uint64_t stored_seq_ = 0;
  bool stored_seq_dirty_ = false;
};

}  // namespace earful::agent
