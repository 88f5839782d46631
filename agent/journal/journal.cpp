#include "agent/journal/journal.h"

#include <algorithm>
#include <utility>

#include "agent/journal/journal_folder.h"
#include "proto/event.h"

namespace earful::agent {
namespace {

constexpr int kFormat = 1;

constexpr Database::Options kFileOptions{
    .durable = true, .auto_checkpoint = false, .log_bytes = kJournalLogBytes};

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT OR IGNORE INTO meta VALUES('format', '1');
CREATE TABLE IF NOT EXISTS journals(
  number INTEGER PRIMARY KEY, journal_id BLOB NOT NULL, opened_ms INTEGER NOT NULL,
  closed_ms INTEGER, stored_seq INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
  chain_before_first BLOB NOT NULL DEFAULT (zeroblob(32)));
CREATE TABLE IF NOT EXISTS entries(
  id INTEGER PRIMARY KEY, journal INTEGER NOT NULL, seq INTEGER NOT NULL, event_id BLOB NOT NULL,
  raw BLOB NOT NULL, chain BLOB NOT NULL, saved_ms INTEGER NOT NULL, UNIQUE(journal, seq));
CREATE INDEX IF NOT EXISTS entries_by_event ON entries(event_id);
)";

constexpr std::pair<const char*, const char*> kAdvice[] = {
    {"E_DB_CORRUPT",
     "move journal.db away and start again: what was delivered comes back from the collector"},
    {"E_DB_IO",
     "the disk must be whole and the folder and its files writable; choose another with --data"},
    {"E_DB_BUSY", "another program holds it; wait until that is done, or stop it"},
    {"E_DB_FULL", "free some disk space"},
};

// The same error, with what to do now as its last clause.
Error with_advice(Error error) {
  for (const auto& [code, advice] : kAdvice) {
    if (error.code == code) error.message += std::string("; ") + advice;
  }
  return error;
}

}  // namespace

Chain chain_from(std::string_view bytes) {
  Chain chain{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), chain.size()), chain.begin());
  return chain;
}

JournalRow JournalRow::from(const Statement& query) {
  return {uint64_t(query.integer(0)), EventId::from_raw(query.bytes(1)).value_or(EventId{}),
          query.text(2), chain_from(query.bytes(3))};
}

Result<Journal> Journal::open(const std::filesystem::path& data_dir) {
  EARFUL_TRY(refuse_network_disk(data_dir));
  EARFUL_ASSIGN(FolderLock lock, FolderLock::take(data_dir / "station.lock", "earful-agent"));
  Journal journal(data_dir, std::move(lock));
  if (auto opened = journal.open_file(); !opened.ok()) return with_advice(opened.error());
  if (auto loaded = journal.load(); !loaded.ok()) return with_advice(loaded.error());
  return journal;
}

Result<void> Journal::open_file() {
  EARFUL_ASSIGN(db_, Database::open(dir_ / kJournalFileName, kFileOptions));
  log_identity_.reset();
  return {};
}

Result<void> refuse_newer_journal(Database& db, const std::filesystem::path& data_dir) {
  EARFUL_ASSIGN(Statement has_meta, db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'"));
  EARFUL_ASSIGN(const bool old_file, has_meta.step());
  if (!old_file) return {};
  EARFUL_ASSIGN(Statement format, db.prepare("SELECT value FROM meta WHERE key = 'format'"));
  EARFUL_ASSIGN(const bool known, format.step());
  if (!known || std::atoi(format.text(0).c_str()) <= kFormat) return {};
  return Error{"E_FUTURE", "opening " + (data_dir / kJournalFileName).string() +
                               ": a newer earful (format " + format.text(0) +
                               ") wrote it; upgrade this program"};
}

Result<void> Journal::load() {
  // Before the schema is touched: a newer program's file stays as it is.
  EARFUL_TRY(refuse_newer_journal(db_, dir_));
  EARFUL_TRY(db_.execute(kSchema));
  EARFUL_ASSIGN(Statement store, db_.prepare("SELECT value FROM meta WHERE key = 'store'"));
  EARFUL_ASSIGN(const bool met, store.step());
  if (met) store_ = store.text(0);
  store.reset();
  EARFUL_ASSIGN(
      Statement open_one,
      db_.prepare("SELECT number, journal_id, stored_seq, chain_before_first FROM journals "
                  "WHERE closed_ms IS NULL ORDER BY number DESC LIMIT 1"));
  EARFUL_ASSIGN(const bool found, open_one.step());
  if (!found) {
    EARFUL_TRY(db_.begin());
    EARFUL_TRY(open_next(""));
    return db_.commit();
  }
  head_.number = open_one.integer(0);
  head_.id = JournalId::from_raw(open_one.bytes(1)).value_or(JournalId{});
  stored_seq_ = uint64_t(open_one.integer(2));
  head_.chain_before_first = chain_from(open_one.bytes(3));

  EARFUL_ASSIGN(Statement last, db_.prepare("SELECT seq, chain FROM entries WHERE journal = ?1 "
                                            "ORDER BY seq DESC LIMIT 1"));
  last.bind(1, head_.number);
  EARFUL_ASSIGN(const bool any, last.step());
  if (any) {
    head_.last_seq = uint64_t(last.integer(0));
    head_.last_chain = chain_from(last.bytes(1));
  }
  EARFUL_ASSIGN(Statement first, db_.prepare("SELECT min(seq) FROM entries WHERE journal = ?1"));
  first.bind(1, head_.number);
  EARFUL_ASSIGN(const bool row, first.step());
  EARFUL_CHECK(row);
  head_.first_seq = any ? uint64_t(first.integer(0)) : 1;
  return {};
}

Result<void> Journal::append_row(JournalHead& head, const EventId& event, std::string_view raw,
                                 WallTime saved) {
  head.last_seq += 1;
  head.last_chain = next_chain(head.last_chain, generichash(raw));
  EARFUL_ASSIGN(Statement insert,
                db_.prepare("INSERT INTO entries(journal, seq, event_id, raw, chain, saved_ms) "
                            "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  insert.bind(1, head.number).bind(2, int64_t(head.last_seq)).bind_blob(3, event.raw());
  insert.bind_blob_in_place(4, raw).bind_blob(5, view(head.last_chain));
  insert.bind(6, int64_t(saved.time_since_epoch().count()));
  return insert.run();
}

Result<void> Journal::append(std::span<const JournalEntry> entries) {
  if (entries.empty()) return {};
  EARFUL_TRY(db_.begin());
  const auto insert_all = [&]() -> Result<JournalHead> {
    JournalHead head = head_;
    const WallTime now = wall_now();
    for (const JournalEntry& entry : entries) {
      EARFUL_TRY(append_row(head, entry.event_id, entry.raw, now));
    }
    if (stored_seq_dirty_) {
      EARFUL_ASSIGN(Statement stored,
                    db_.prepare("UPDATE journals SET stored_seq = ?1 WHERE number = ?2"));
      EARFUL_TRY(stored.bind(1, int64_t(stored_seq_)).bind(2, head.number).run());
    }
    EARFUL_TRY(check_log());
    EARFUL_TRY(db_.commit());
    return head;
  };
  auto head = insert_all();
  if (!head.ok()) {
    db_.rollback();
    return head.error();
  }
  head_ = *head;
  stored_seq_dirty_ = false;
  return {};
}

// Inside a transaction. A log that was deleted still takes commits, and they are gone with the
// process.
Result<void> Journal::check_log() {
  const auto now = FileIdentity::of(log());
  if (!log_identity_) log_identity_ = now;  // the first transaction has made it
  if (now && now == log_identity_) return {};
  return Error{"E_DB_IO", "committing to " + log().string() +
                              ": the file was deleted or replaced while the station runs"};
}

Result<std::optional<JournalRow>> Journal::find(const EventId& id) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT seq, event_id, raw, chain FROM entries "
                                             "WHERE event_id = ?1 ORDER BY id DESC LIMIT 1"));
  query.bind_blob(1, id.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<JournalRow>();
  return std::optional<JournalRow>(JournalRow::from(query));
}

void Journal::set_stored_seq(uint64_t seq) {
  seq = std::min(seq, head_.last_seq);
  if (seq == stored_seq_) return;
  stored_seq_ = seq;
  stored_seq_dirty_ = true;
}

Result<void> Journal::flush() {
  if (!stored_seq_dirty_) return {};
  EARFUL_ASSIGN(Statement stored,
                db_.prepare("UPDATE journals SET stored_seq = ?1 WHERE number = ?2"));
  EARFUL_TRY(stored.bind(1, int64_t(stored_seq_)).bind(2, head_.number).run());
  stored_seq_dirty_ = false;
  return {};
}

Result<void> Journal::erase(std::span<const EventId> events) {
  if (events.empty()) return {};
  EARFUL_TRY(db_.begin());
  const auto erase_all = [&]() -> Result<void> {
    EARFUL_ASSIGN(Statement rows, db_.prepare("SELECT id, raw FROM entries WHERE event_id = ?1"));
    EARFUL_ASSIGN(Statement update, db_.prepare("UPDATE entries SET raw = ?2 WHERE id = ?1"));
    bool changed = false;
    for (const EventId& event : events) {
      std::vector<std::pair<int64_t, std::string>> erased;
      rows.bind_blob(1, event.raw());
      for (;;) {
        EARFUL_ASSIGN(const bool more, rows.step());
        if (!more) break;
        auto bare = erase_personal(rows.bytes(1));
        // What is no event any more is damage, which verify() tells.
        if (bare.ok() && *bare != rows.bytes(1)) erased.emplace_back(rows.integer(0), *bare);
      }
      for (const auto& [id, bare] : erased) {
        EARFUL_TRY(update.bind(1, id).bind_blob_in_place(2, bare).run());
        changed = true;
      }
    }
    if (changed) EARFUL_TRY(check_log());
    return db_.commit();
  };
  auto done = erase_all();
  if (!done.ok()) db_.rollback();
  return done;
}

Result<void> Journal::write_back(int64_t more_than_bytes) {
  if (db_.log_bytes() <= more_than_bytes) return {};
  return db_.checkpoint();
}

Result<int64_t> Journal::trim(uint64_t up_to_seq, WallTime saved_before) {
  // The newest row stays: its chain is what the next one is built on.
  up_to_seq = std::min(up_to_seq, head_.last_seq > 0 ? head_.last_seq - 1 : 0);
  EARFUL_ASSIGN(Statement last,
                db_.prepare("SELECT seq, chain FROM entries WHERE journal = ?1 AND "
                            "seq <= ?2 AND saved_ms < ?3 ORDER BY seq DESC LIMIT 1"));
  last.bind(1, head_.number).bind(2, int64_t(up_to_seq));
  last.bind(3, int64_t(saved_before.time_since_epoch().count()));
  EARFUL_ASSIGN(const bool any, last.step());
  if (!any) return int64_t(0);
  const auto last_seq = uint64_t(last.integer(0));
  const Chain chain = chain_from(last.bytes(1));
  last.reset();
  const auto remove = [&]() -> Result<int64_t> {
    EARFUL_TRY(db_.begin());
    EARFUL_ASSIGN(Statement rows,
                  db_.prepare("DELETE FROM entries WHERE journal = ?1 AND seq <= ?2"));
    EARFUL_TRY(rows.bind(1, head_.number).bind(2, int64_t(last_seq)).run());
    const int64_t gone = db_.changes();
    EARFUL_ASSIGN(Statement before,
                  db_.prepare("UPDATE journals SET chain_before_first = ?1 WHERE number = ?2"));
    EARFUL_TRY(before.bind_blob(1, view(chain)).bind(2, head_.number).run());
    EARFUL_TRY(db_.commit());
    return gone;
  };
  auto gone = remove();
  if (!gone.ok()) {
    db_.rollback();
    return gone.error();
  }
  head_.first_seq = last_seq + 1;
  head_.chain_before_first = chain;
  return *gone;
}

Result<int64_t> Journal::size() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT (SELECT page_count FROM pragma_page_count) * "
                                             "(SELECT page_size FROM pragma_page_size)"));
  EARFUL_ASSIGN(const bool row, query.step());
  EARFUL_CHECK(row);
  return query.integer(0);
}

}  // namespace earful::agent
