// The part of a store that a follower writes: records of another store, kept under their own
// (station, journal, seq). schema.h tells how a mirror differs.
#include "base/hash.h"
#include "collector/store/store.h"

namespace earful::collector {

Result<std::optional<UpstreamCursor>> Store::upstream() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT value FROM meta WHERE key='upstream'"));
  EARFUL_ASSIGN(const bool row, query.step());
  if (!row) return std::optional<UpstreamCursor>();
  const std::string text = query.text(0);
  UpstreamCursor cursor;
  const auto store = StoreId::parse(text.substr(0, 36));
  const auto position = text.size() > 37 ? parse_position(text.substr(37)) : std::nullopt;
  if (!store || !position) {
    return Error{"E_DB_CORRUPT",
                 "reading what this mirror follows: it is damaged; start a new "
                 "folder"};
  }
  return std::optional(UpstreamCursor{*store, *position});
}

Result<uint64_t> Store::mirror(std::span<const Record> records, const UpstreamCursor& cursor) {
  const uint64_t head_before = head_;
  uint64_t changed = 0;
  EARFUL_TRY(db_.begin());
  const auto write = [&]() -> Result<void> {
    for (const Record& record : records) {
      EARFUL_ASSIGN(const bool changes, mirror_record(record));
      if (changes) ++changed;
    }
    EARFUL_ASSIGN(Statement save,
                  db_.prepare("INSERT OR REPLACE INTO meta VALUES('upstream', ?1)"));
    return save.bind_text(1, cursor.store.text() + " " + position_text(cursor.position)).run();
  };
  EARFUL_TRY(finish(write(), {}, head_before));
  return changed;
}

Result<bool> Store::mirror_record(const Record& record) {
  EARFUL_ASSIGN(const int64_t journal, mirrored_journal(record));
  const Judgement judgement = judge(record.raw, record.station_id);
  EARFUL_ASSIGN(Statement find, db_.prepare("SELECT feed_seq, reason, digest FROM events WHERE "
                                            "journal=?1 AND seq=?2"));
  EARFUL_ASSIGN(const bool known, find.bind(1, journal).bind(2, int64_t(record.seq)).step());
  if (known) {
    const int64_t feed_seq = find.integer(0);
    const bool usable_now = !find.is_null(1) && record.quarantine.empty();
    const bool erased_now = find.is_null(2) && !record.digest.empty();
    find.reset();
    if (usable_now) {
      EARFUL_TRY(reread({{feed_seq, record.station_id, record.raw}}));
    } else if (erased_now) {
      EARFUL_TRY(
          erase_.bind(1, feed_seq).bind_blob(2, record.digest).bind_blob(3, record.raw).run());
    }
    return usable_now || erased_now;
  }
  ++head_;
  EARFUL_TRY(insert(journal, record.seq, record.received_at, record.quarantine, judgement.event_id,
                    record.raw, record.digest));
  if (db_.changes() == 0) {
    // Only after the store we follow lost records and got them again otherwise: ours stay.
    --head_;
    EARFUL_ASSIGN(const bool repeated,
                  repeats_stored(*judgement.event_id, record.raw, generichash(record.raw)));
    if (repeated) return false;
    ++head_;
    EARFUL_TRY(insert(journal, record.seq, record.received_at, std::string(kReasonIdReused),
                      judgement.event_id, record.raw, record.digest));
    return true;
  }
  if (!record.quarantine.empty()) return true;
  for (const EventId& id : judgement.erases) EARFUL_TRY(erase(id));
  if (const auto event = decode_event(record.raw); event.ok()) {
    if (const auto* gap = std::get_if<JournalGap>(&event->payload);
        gap && gap->to_seq == record.seq && gap->journal == record.journal_id) {
      insert_gap_.bind(1, journal).bind(2, int64_t(gap->from_seq)).bind(3, int64_t(gap->to_seq));
      EARFUL_TRY(insert_gap_.bind_blob(4, view(Chain{})).run());
    }
  }
  return true;
}

Result<int64_t> Store::mirrored_journal(const Record& record) {
  find_journal_.bind_blob(1, record.station_id.raw()).bind_blob(2, record.journal_id.raw());
  EARFUL_ASSIGN(const bool known, find_journal_.step());
  int64_t number = 0;
  if (known) {
    number = find_journal_.integer(0);
    find_journal_.reset();
  } else {
    insert_journal_.bind_blob(1, record.station_id.raw()).bind_blob(2, record.journal_id.raw());
    EARFUL_TRY(insert_journal_.run());
    number = db_.last_insert_rowid();
  }
  EARFUL_ASSIGN(Statement advance, db_.prepare("UPDATE journals SET have_seq=max(have_seq, ?2), "
                                               "have_chain=NULL WHERE number=?1"));
  EARFUL_TRY(advance.bind(1, number).bind(2, int64_t(record.seq)).run());
  return number;
}

}  // namespace earful::collector
