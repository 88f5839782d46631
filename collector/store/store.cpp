#include "collector/store/store.h"

#include "base/check.h"
#include "base/hash.h"
#include "proto/event.h"

namespace earful::collector {
namespace {

// Enough for the right-hand edges of the indexes and the rows an Erased or a repeat looks up.
constexpr int kCacheKib = 16 * 1024;

Chain chain_of(std::string_view raw) {
  Chain chain{};
  if (raw.size() == chain.size()) std::copy(raw.begin(), raw.end(), chain.begin());
  return chain;
}

}  // namespace

Result<Store> Store::open(const std::filesystem::path& path) {
  Store store;
  EARFUL_ASSIGN(store.db_, Database::open(path, {.auto_checkpoint = false,
                                                 .cache_kib = kCacheKib,
                                                 .log_bytes = kStoreLogBytes}));
  EARFUL_ASSIGN(store.meta_, make_or_check_schema(store.db_));
  EARFUL_TRY(store.prepare());
  EARFUL_TRY(store.load());
  store.log_ = path.string() + "-wal";
  store.log_identity_ = FileIdentity::of(store.log_);
  return store;
}

Result<void> Store::prepare() {
  EARFUL_ASSIGN(insert_, db_.prepare("INSERT INTO events VALUES(?1,?2,?3,?4,?5,?6,?7,?8) "
                                     "ON CONFLICT(event_id) WHERE reason IS NULL DO NOTHING"));
  EARFUL_ASSIGN(find_event_,
                db_.prepare("SELECT raw, digest FROM events WHERE event_id=?1 AND reason IS NULL"));
  EARFUL_ASSIGN(insert_repeat_, db_.prepare("INSERT INTO repeats VALUES(?1,?2,?3,?4)"));
  EARFUL_ASSIGN(find_to_erase_,
                db_.prepare("SELECT feed_seq, raw, 1 FROM events WHERE event_id=?1 AND reason IS "
                            "NULL UNION ALL SELECT feed_seq, raw, 0 FROM events WHERE event_id=?1 "
                            "AND reason IN ('E_ID_REUSED', 'E_SOURCE')"));
  EARFUL_ASSIGN(erase_, db_.prepare("UPDATE events SET digest=coalesce(digest, ?2), raw=?3 WHERE "
                                    "feed_seq=?1"));
  EARFUL_ASSIGN(insert_journal_,
                db_.prepare("INSERT INTO journals(station_id, journal_id, have_seq,"
                            " have_chain) VALUES(?1, ?2, 0, zeroblob(32))"));
  EARFUL_ASSIGN(save_journal_,
                db_.prepare("UPDATE journals SET have_seq=?2, have_chain=?3 WHERE number=?1"));
  EARFUL_ASSIGN(find_journal_,
                db_.prepare("SELECT number, have_seq, have_chain FROM journals WHERE "
                            "station_id=?1 AND journal_id=?2"));
  EARFUL_ASSIGN(insert_gap_, db_.prepare("INSERT INTO gaps VALUES(?1,?2,?3,?4)"));
  EARFUL_ASSIGN(add_pending_, db_.prepare("INSERT OR IGNORE INTO pending_erasures VALUES(?1)"));
  EARFUL_ASSIGN(drop_pending_, db_.prepare("DELETE FROM pending_erasures WHERE event_id=?1"));
  return {};
}

Result<void> Store::load() {
  EARFUL_ASSIGN(Statement head, db_.prepare("SELECT coalesce(max(feed_seq), 0) FROM events"));
  EARFUL_ASSIGN(const bool row, head.step());
  EARFUL_CHECK(row);
  head_ = uint64_t(head.integer(0));
  pending_erasures_.clear();
  EARFUL_ASSIGN(Statement pending, db_.prepare("SELECT event_id FROM pending_erasures"));
  while (true) {
    EARFUL_ASSIGN(const bool more, pending.step());
    if (!more) return {};
    if (const auto id = EventId::from_raw(pending.bytes(0))) pending_erasures_.insert(*id);
  }
}

Result<JournalState> Store::journal(const JournalKey& key) {
  if (const auto known = journals_.find(key); known != journals_.end()) return known->second;
  find_journal_.bind_blob(1, key.station.raw()).bind_blob(2, key.journal.raw());
  EARFUL_ASSIGN(const bool row, find_journal_.step());
  if (!row) return JournalState{};
  JournalState state{find_journal_.integer(0), uint64_t(find_journal_.integer(1)),
                     chain_of(find_journal_.bytes(2))};
  find_journal_.reset();
  journals_[key] = state;
  return state;
}

Result<Appended> Store::append(std::span<const NewRow> rows, WallTime now) {
  EARFUL_CHECK(rows.size() <= kMaxBatch);
  Appended done;
  Touched touched;
  const uint64_t head_before = head_;
  EARFUL_TRY(db_.begin());
  Result<void> outcome;
  for (const NewRow& row : rows) {
    outcome = append_row(row, now, touched, done);
    if (!outcome.ok()) break;
  }
  EARFUL_TRY(finish(std::move(outcome), touched, head_before));
  return done;
}

Result<void> Store::finish(Result<void> outcome, const Touched& touched, uint64_t head_before) {
  for (const auto& [key, state] : touched) {
    if (outcome.ok()) outcome = save(state);
  }
  if (outcome.ok()) outcome = check_log();
  if (outcome.ok()) outcome = db_.commit();
  if (!outcome.ok()) {
    db_.rollback();
    head_ = head_before;
    // What the transaction did to these cannot be told apart any more; a failure here shows again.
    if (auto loaded = load(); !loaded.ok()) head_ = head_before;
    return outcome;
  }
  *log_bytes_ = db_.log_bytes();
  for (const auto& [key, state] : touched) journals_[key] = state;
  return {};
}

// A log that was deleted still takes commits, and they are gone with the process.
Result<void> Store::check_log() const {
  if (FileIdentity::of(log_) == log_identity_) return {};
  return Error{"E_DB_LOG", "committing to " + log_.string() +
                               ": the file was deleted or replaced while the collector runs"};
}

Result<JournalState*> Store::touch(const JournalKey& key, Touched& touched) {
  if (const auto found = touched.find(key); found != touched.end()) return &found->second;
  EARFUL_ASSIGN(JournalState state, journal(key));
  if (state.number == 0) {
    EARFUL_TRY(
        insert_journal_.bind_blob(1, key.station.raw()).bind_blob(2, key.journal.raw()).run());
    state.number = db_.last_insert_rowid();
  }
  return &touched.emplace(key, state).first->second;
}

Result<void> Store::save(const JournalState& state) {
  save_journal_.bind(1, state.number).bind(2, int64_t(state.have_seq));
  return save_journal_.bind_blob(3, view(state.have_chain)).run();
}

Result<void> Store::append_row(const NewRow& row, WallTime now, Touched& touched, Appended& done) {
  EARFUL_ASSIGN(JournalState * state, touch(row.key, touched));
  EARFUL_CHECK(row.seq == state->have_seq + 1);
  const Digest digest = generichash(row.raw);
  Judgement judgement = judge(row.raw, row.key.station);

  // Named by an Erased that was quicker: what is kept is the erased form from the start.
  std::string erased_raw;
  if (judgement.event_id && pending_erasures_.contains(*judgement.event_id)) {
    EARFUL_ASSIGN(erased_raw, erase_personal(row.raw));
    if (judgement.reason.empty()) {
      pending_erasures_.erase(*judgement.event_id);
      EARFUL_TRY(drop_pending_.bind_blob(1, judgement.event_id->raw()).run());
    }
  }
  const std::string_view raw = erased_raw.empty() ? row.raw : erased_raw;
  const std::string_view kept_digest = erased_raw.empty() ? std::string_view() : view(digest);

  ++head_;
  EARFUL_TRY(
      insert(state->number, row.seq, now, judgement.reason, judgement.event_id, raw, kept_digest));
  bool new_record = db_.changes() == 1;
  if (!new_record) {
    EARFUL_ASSIGN(const bool repeated, repeats_stored(*judgement.event_id, row.raw, digest));
    if (repeated) {
      --head_;
      insert_repeat_.bind(1, state->number).bind(2, int64_t(row.seq));
      insert_repeat_.bind_blob(3, judgement.event_id->raw()).bind_blob(4, view(digest));
      EARFUL_TRY(insert_repeat_.run());
      ++done.repeated;
    } else {
      judgement.reason = kReasonIdReused;
      judgement.erases.clear();
      EARFUL_TRY(insert(state->number, row.seq, now, judgement.reason, judgement.event_id, raw,
                        kept_digest));
      ++done.ids_reused;
      new_record = true;
    }
  }
  if (new_record) {
    ++done.stored;
    if (!judgement.reason.empty()) ++done.quarantined;
    for (const EventId& id : judgement.erases) EARFUL_TRY(erase(id));
  }
  state->have_chain = next_chain(state->have_chain, digest);
  state->have_seq = row.seq;
  return {};
}

Result<void> Store::insert(int64_t journal, uint64_t seq, WallTime now, const std::string& reason,
                           const std::optional<EventId>& event_id, std::string_view raw,
                           std::string_view digest) {
  insert_.bind(1, int64_t(head_)).bind(2, journal).bind(3, int64_t(seq));
  insert_.bind(4, int64_t(now.time_since_epoch().count())).bind_blob_in_place(7, raw);
  reason.empty() ? insert_.bind_null(5) : insert_.bind_text(5, reason);
  event_id ? insert_.bind_blob_in_place(6, event_id->raw()) : insert_.bind_null(6);
  digest.empty() ? insert_.bind_null(8) : insert_.bind_blob_in_place(8, digest);
  return insert_.run();
}

// The stored event under this id is this one: as it was sent, or as either was erased. A store put
// back from before an erasure has the words still; a station's copy from before it sends them
// again.
Result<bool> Store::repeats_stored(const EventId& id, std::string_view raw, const Digest& digest) {
  EARFUL_ASSIGN(const bool row, find_event_.bind_blob(1, id.raw()).step());
  EARFUL_CHECK(row);
  const std::string stored = find_event_.text(0);
  const bool as_sent = stored == raw || find_event_.bytes(1) == view(digest);
  find_event_.reset();
  if (as_sent) return true;
  EARFUL_ASSIGN(const std::string stored_erased, erase_personal(stored));
  EARFUL_ASSIGN(const std::string erased, erase_personal(raw));
  return stored == erased || raw == stored_erased;
}

Result<void> Store::erase(const EventId& id) {
  std::vector<std::pair<int64_t, std::string>> found;
  bool came = false;
  find_to_erase_.bind_blob(1, id.raw());
  while (true) {
    EARFUL_ASSIGN(const bool row, find_to_erase_.step());
    if (!row) break;
    came = came || find_to_erase_.integer(2) == 1;
    found.emplace_back(find_to_erase_.integer(0), find_to_erase_.text(1));
  }
  for (const auto& [feed_seq, raw] : found) {
    EARFUL_ASSIGN(const std::string erased, erase_personal(raw));
    if (erased == raw) continue;
    erase_.bind(1, feed_seq).bind_blob(2, view(generichash(raw))).bind_blob(3, erased);
    EARFUL_TRY(erase_.run());
  }
  if (!came) {
    EARFUL_TRY(add_pending_.bind_blob(1, id.raw()).run());
    pending_erasures_.insert(id);
  }
  return {};
}

Result<void> Store::skip_to(const JournalKey& key, uint64_t first_seq,
                            const Chain& chain_before_first, WallTime now) {
  Touched touched;
  const uint64_t head_before = head_;
  EARFUL_TRY(db_.begin());
  const auto skip = [&]() -> Result<void> {
    EARFUL_ASSIGN(JournalState * state, touch(key, touched));
    EARFUL_CHECK(first_seq > state->have_seq + 1);
    const uint64_t from = state->have_seq + 1, to = first_seq - 1;
    Event event;
    event.id = EventId{make_uuid_v7(now)};
    event.source = key.station;
    event.time = now;
    event.payload =
        JournalGap{key.station, key.journal, from, to, "the station no longer has these events"};
    ++head_;
    EARFUL_TRY(insert(state->number, to, now, "", event.id, encode_event(event), ""));
    insert_gap_.bind(1, state->number).bind(2, int64_t(from)).bind(3, int64_t(to));
    EARFUL_TRY(insert_gap_.bind_blob(4, view(chain_before_first)).run());
    state->have_seq = to;
    state->have_chain = chain_before_first;
    return {};
  };
  return finish(skip(), touched, head_before);
}

Result<uint64_t> Store::reread_newer() {
  uint64_t read = 0;
  const int64_t last = int64_t(head_);
  for (int64_t after = 0; after < last;) {
    EARFUL_ASSIGN(std::vector<Waiting> waiting, waiting_after(after, last));
    if (waiting.empty()) break;
    after = waiting.back().feed_seq;
    const uint64_t head_before = head_;
    EARFUL_TRY(db_.begin());
    EARFUL_TRY(finish(reread(waiting), {}, head_before));
    read += head_ - head_before;
  }
  return read;
}

Result<std::vector<Store::Waiting>> Store::waiting_after(int64_t after, int64_t last) {
  std::vector<Waiting> waiting;
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT feed_seq, station_id, raw FROM events JOIN journals ON "
                            "number=journal WHERE reason='E_NEWER' AND feed_seq>?1 AND "
                            "feed_seq<=?2 ORDER BY feed_seq LIMIT ?3"));
  query.bind(1, after).bind(2, last).bind(3, int64_t(kMaxBatch));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return waiting;
    waiting.push_back({query.integer(0), StationId::from_raw(query.bytes(1)).value_or(StationId{}),
                       query.text(2)});
  }
}

Result<void> Store::reread(const std::vector<Waiting>& waiting) {
  EARFUL_ASSIGN(Statement move,
                db_.prepare("UPDATE events SET feed_seq=?2, reason=NULL, event_id=?3 WHERE "
                            "feed_seq=?1 AND NOT EXISTS(SELECT 1 FROM events WHERE event_id=?3 AND "
                            "reason IS NULL)"));
  for (const Waiting& row : waiting) {
    const Judgement judgement = judge(row.raw, row.station);
    if (!judgement.reason.empty()) continue;
    move.bind(1, row.feed_seq).bind(2, int64_t(head_ + 1));
    EARFUL_TRY(move.bind_blob(3, judgement.event_id->raw()).run());
    if (db_.changes() == 0) continue;
    ++head_;
    for (const EventId& id : judgement.erases) EARFUL_TRY(erase(id));
  }
  return {};
}

Result<void> Store::start_new_epoch() {
  const uint64_t epoch = make_epoch(meta_.epoch);
  EARFUL_ASSIGN(Statement update, db_.prepare("UPDATE meta SET value=?1 WHERE key='store_epoch'"));
  EARFUL_TRY(update.bind(1, int64_t(epoch)).run());
  meta_.epoch = epoch;
  return {};
}

}  // namespace earful::collector
