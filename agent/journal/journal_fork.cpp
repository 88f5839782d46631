// How a journal closes and the next one opens: because it forked, because another store lacks the
// closed ones, because the disk failed under its file. On the scribe's thread.
#include "agent/journal/journal.h"
#include "agent/journal/journal_folder.h"
#include "base/clock.h"

namespace earful::agent {

// Inside a transaction: makes a new, empty journal the open one.
Result<void> Journal::open_next(const std::string& reason) {
  const int64_t now = wall_now().time_since_epoch().count();
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
    for (JournalRow& row : rows) {
      EARFUL_TRY(append_row(head_, row.event_id, row.raw, wall_now()));
      row.seq = head_.last_seq;
      row.chain = head_.last_chain;
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
  rows.bind(1, head_.number);
  for (;;) {
    EARFUL_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    const EventId event = EventId::from_raw(rows.bytes(0)).value_or(EventId{});
    EARFUL_TRY(append_row(head_, event, rows.bytes(1),
                          WallTime{std::chrono::milliseconds{rows.integer(2)}}));
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
