#include "agent/journal/journal.h"

#include <algorithm>
#include <utility>

#include "agent/journal/journal_folder.h"
#include "base/clock.h"

namespace earful::agent {
namespace {

constexpr int kFormat = 1;

constexpr Database::Options kFileOptions{
    .durable = true, .auto_checkpoint = false, .log_bytes = kJournalLogBytes};

constexpr const char* kInsertEntry =
    "INSERT INTO entries(journal, seq, event_id, raw, chain, saved_ms) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6)";

int64_t now_ms() { return wall_now().time_since_epoch().count(); }

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

// Inside a transaction: makes a new, empty journal the open one.
Result<void> Journal::open_next(const std::string& reason) {
  const int64_t now = now_ms();
  EARFUL_ASSIGN(Statement close,
                db_.prepare("UPDATE journals SET closed_ms = ?1, reason = ?2, stored_seq = ?3 "
                            "WHERE number = ?4"));
  close.bind(1, now).bind_text(2, reason).bind(3, int64_t(stored_seq_)).bind(4, head_.number);
  EARFUL_TRY(close.run());
  const JournalId id{make_uuid_v4()};
  EARFUL_ASSIGN(Statement open,
                db_.prepare("INSERT INTO journals(journal_id, opened_ms) VALUES(?1, ?2)"));
  open.bind_blob(1, id.raw()).bind(2, now);
  EARFUL_TRY(open.run());
  head_ = {.number = db_.last_insert_rowid(), .id = id, .file = head_.file};
  stored_seq_ = 0;
  stored_seq_dirty_ = false;
  return {};
}

Result<void> Journal::append(std::span<const JournalEntry> entries) {
  if (entries.empty()) return {};
  EARFUL_TRY(db_.begin());
  const auto insert_all = [&]() -> Result<JournalHead> {
    EARFUL_ASSIGN(Statement insert, db_.prepare(kInsertEntry));
    JournalHead head = head_;
    for (const JournalEntry& entry : entries) {
      head.last_seq += 1;
      head.last_chain = next_chain(head.last_chain, generichash(entry.raw));
      insert.bind(1, head.number).bind(2, int64_t(head.last_seq));
      insert.bind_blob(3, entry.event_id.raw()).bind_blob_in_place(4, entry.raw);
      insert.bind_blob(5, view(head.last_chain)).bind(6, now_ms());
      EARFUL_TRY(insert.run());
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

Result<std::vector<JournalRow>> Journal::rows_after(int64_t number, uint64_t seq) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT seq, event_id, raw, chain FROM entries "
                                             "WHERE journal = ?1 AND seq > ?2 ORDER BY seq"));
  query.bind(1, number).bind(2, int64_t(seq));
  std::vector<JournalRow> rows;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return rows;
    rows.push_back(JournalRow::from(query));
  }
}

Result<std::vector<JournalRow>> Journal::fork(const std::string& reason) {
  const JournalHead before = head_;
  const uint64_t stored_before = stored_seq_;
  EARFUL_ASSIGN(std::vector<JournalRow> rows, rows_after(head_.number, stored_seq_));
  // The switch and the rows are one commit: a crash in between leaves the old journal open.
  const auto switch_over = [&]() -> Result<void> {
    EARFUL_TRY(db_.begin());
    EARFUL_TRY(open_next(reason));
    EARFUL_ASSIGN(Statement insert, db_.prepare(kInsertEntry));
    for (JournalRow& row : rows) {
      row.seq = ++head_.last_seq;
      row.chain = head_.last_chain = next_chain(head_.last_chain, generichash(row.raw));
      insert.bind(1, head_.number).bind(2, int64_t(row.seq)).bind_blob(3, row.event_id.raw());
      insert.bind_blob(4, row.raw).bind_blob(5, view(row.chain)).bind(6, now_ms());
      EARFUL_TRY(insert.run());
    }
    return db_.commit();
  };
  const auto done = switch_over();
  if (!done.ok()) {
    db_.rollback();
    head_ = before;
    stored_seq_ = stored_before;
    return done.error();
  }
  return rows;
}

Result<void> Journal::keep_store(const std::string& store) {
  EARFUL_ASSIGN(Statement keep, db_.prepare("INSERT OR REPLACE INTO meta VALUES('store', ?1)"));
  return keep.bind_text(1, store).run();
}

Result<bool> Journal::has_closed_rows() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT 1 FROM entries WHERE journal <> ?1 LIMIT 1"));
  return query.bind(1, head_.number).step();
}

// Inside a transaction, into a journal just opened.
Result<void> Journal::append_all_again() {
  EARFUL_ASSIGN(Statement rows,
                db_.prepare("SELECT event_id, raw, saved_ms FROM entries WHERE id IN "
                            "(SELECT min(id) FROM entries WHERE journal <> ?1 "
                            "GROUP BY event_id) ORDER BY id"));
  EARFUL_ASSIGN(Statement insert, db_.prepare(kInsertEntry));
  rows.bind(1, head_.number);
  for (;;) {
    EARFUL_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    head_.last_seq += 1;
    head_.last_chain = next_chain(head_.last_chain, generichash(rows.bytes(1)));
    insert.bind(1, head_.number).bind(2, int64_t(head_.last_seq)).bind_blob(3, rows.bytes(0));
    insert.bind_blob(4, rows.bytes(1)).bind_blob(5, view(head_.last_chain));
    EARFUL_TRY(insert.bind(6, rows.integer(2)).run());
  }
}

Result<bool> Journal::meet_store(const std::string& store, uint64_t have_seq) {
  const bool lacks_open = have_seq == 0 && (store != store_ || stored_seq_ > 0);
  bool again = false;
  if (lacks_open) {
    EARFUL_ASSIGN(again, has_closed_rows());
  }
  if (!again && store == store_) return false;
  const JournalHead before = head_;
  const uint64_t stored_before = stored_seq_;
  const auto write = [&]() -> Result<void> {
    EARFUL_TRY(db_.begin());
    EARFUL_TRY(keep_store(store));
    if (again) {
      EARFUL_TRY(open_next("the store lacked events of closed journals"));
      EARFUL_TRY(append_all_again());
    }
    return db_.commit();
  };
  if (const auto done = write(); !done.ok()) {
    db_.rollback();
    head_ = before;
    stored_seq_ = stored_before;
    return done.error();
  }
  store_ = store;
  return again;
}

Result<std::vector<JournalRow>> Journal::start_new_file(const std::string& reason) {
  const auto path = dir_ / kJournalFileName;
  const auto fresh = dir_ / "journal-new.db";
  const auto kept = dir_ / ("journal-failed-" + head_.id.text() + ".db");
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  EARFUL_TRY(db_.execute("VACUUM INTO '" + fresh.string() + "'"));
  EARFUL_TRY(sync_path(fresh));
  // Closing would checkpoint unsynced frames into the old file; that file is only kept to look at.
  for (const char* suffix : {"-wal", "-shm", ""}) {
    std::filesystem::rename(path.string() + suffix, kept.string() + suffix, ignored);
  }
  if (std::filesystem::exists(path)) {
    return Error{"E_DB_IO", "setting aside " + path.string() + ": it could not be renamed"};
  }
  std::filesystem::rename(fresh, path, ignored);
  EARFUL_TRY(sync_path(dir_));
  EARFUL_TRY(open_file());
  head_.file += 1;
  return fork(reason);
}

}  // namespace earful::agent
