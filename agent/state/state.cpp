#include "agent/state/state.h"

#include <algorithm>

#include "proto/tag_fold.h"

namespace earful::agent {
namespace {

// A cache of another format is made anew.
constexpr int64_t kFormat = 6;
constexpr const char* kDropAll =
    "DROP TABLE IF EXISTS meta; DROP TABLE IF EXISTS tag_events; DROP TABLE IF EXISTS tags; "
    "DROP TABLE IF EXISTS listeners; DROP TABLE IF EXISTS kinds; DROP TABLE IF EXISTS calls; "
    "DROP TABLE IF EXISTS shared_events; DROP TABLE IF EXISTS listener_roots; "
    "DROP TABLE IF EXISTS closed";

// feed_seq and own_seq are 0 where an event has no place there. Without rowids: each tag would
// dirty a page more per table, and every page is written at each commit.
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tag_events(
  event_id BLOB PRIMARY KEY, tag BLOB NOT NULL, feed_seq INTEGER NOT NULL, own_seq INTEGER NOT NULL,
  raw BLOB NOT NULL, own INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tag_events_by_tag ON tag_events(tag);
CREATE TABLE IF NOT EXISTS tags(
  tag BLOB PRIMARY KEY, call BLOB NOT NULL, kind TEXT NOT NULL, position INTEGER NOT NULL,
  start INTEGER NOT NULL, end INTEGER NOT NULL, note TEXT NOT NULL, listener BLOB NOT NULL,
  listener_name TEXT NOT NULL, time_ms INTEGER NOT NULL, retracted INTEGER NOT NULL,
  own_seq INTEGER NOT NULL, own INTEGER NOT NULL, closed_by_leaving INTEGER NOT NULL,
  revisions INTEGER NOT NULL, queue TEXT NOT NULL, team TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_call ON tags(call, position);
CREATE INDEX IF NOT EXISTS tags_by_time ON tags(time_ms);
CREATE TABLE IF NOT EXISTS listeners(
  listener BLOB PRIMARY KEY, name TEXT NOT NULL, feed_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listener_roots(
  listener BLOB PRIMARY KEY, root BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shared_events(
  event_id BLOB PRIMARY KEY, feed_seq INTEGER NOT NULL, own_seq INTEGER NOT NULL,
  raw BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls(call BLOB PRIMARY KEY) WITHOUT ROWID;
)";

// Of events: own ones that the store does not have yet come last.
constexpr const char* kInOrder = "ORDER BY feed_seq = 0, feed_seq, own_seq, event_id";

}  // namespace

Result<State> State::open(const std::filesystem::path& path, bool read_only) {
  EARFUL_ASSIGN(Database db, Database::open(path, {.read_only = read_only,
                                                   .durable = false,
                                                   .auto_checkpoint = read_only,
                                                   .log_bytes = read_only ? 0 : kStateLogBytes}));
  if (!read_only) {
    EARFUL_ASSIGN(Statement version, db.prepare("PRAGMA user_version"));
    EARFUL_ASSIGN(const bool row, version.step());
    EARFUL_CHECK(row);
    const bool other = version.integer(0) != kFormat;
    version.reset();
    if (other) EARFUL_TRY(db.execute(kDropAll));
    if (other) EARFUL_TRY(db.execute(HeardTable::drop()));
    if (other) EARFUL_TRY(db.execute(HourTable::drop()));
    EARFUL_TRY(db.execute(kSchema));
    EARFUL_TRY(db.execute(HeardTable::schema()));
    EARFUL_TRY(db.execute(HourTable::schema()));
    EARFUL_TRY(db.execute("PRAGMA user_version = " + std::to_string(kFormat)));
  }
  return State(std::move(db));
}

// ---- readers

Result<std::vector<ListenerView>> State::listeners() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT listener, name FROM listeners WHERE listener "
                                             "NOT IN (SELECT listener FROM listener_roots) "
                                             "ORDER BY name, listener"));
  std::vector<ListenerView> listeners;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return listeners;
    listeners.push_back(
        {ListenerId::from_raw(query.bytes(0)).value_or(ListenerId{}), query.text(1)});
  }
}

Result<std::optional<ListenerView>> State::listener(const ListenerId& id) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT listener, name FROM listeners WHERE listener = coalesce("
                            "(SELECT root FROM listener_roots WHERE listener = ?1), ?1)"));
  query.bind_blob(1, id.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<ListenerView>();
  return std::optional<ListenerView>(
      {ListenerId::from_raw(query.bytes(0)).value_or(id), query.text(1)});
}

// Folded again only when it changed: every tag asks for its kind.
Result<const TagbookFold*> State::tagbook() {
  EARFUL_ASSIGN(std::string version, meta("book_version"));
  if (book_ && version == book_version_) return &*book_;
  TagbookFold book;
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT raw FROM shared_events ") + kInOrder));
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) break;
    if (const auto event = decode_event(query.bytes(0)); event.ok()) book.add(*event);
  }
  book_ = std::move(book);
  book_version_ = std::move(version);
  return &*book_;
}

Result<std::vector<KindView>> State::kinds() {
  EARFUL_ASSIGN(const TagbookFold* book, tagbook());
  return book->all();
}

Result<std::optional<KindView>> State::kind(const std::string& id) {
  EARFUL_ASSIGN(const TagbookFold* book, tagbook());
  return book->view(id);
}

// ---- the scribe's

Result<void> State::commit() {
  if (listeners_merged_) EARFUL_TRY(refold_listeners());
  listeners_merged_ = false;
  return db_.commit();
}

void State::rollback() {
  listeners_merged_ = false;
  db_.rollback();
}

Result<void> State::apply_own(const Event& event, std::string_view raw, uint64_t seq) {
  return apply(event, raw, {.own_seq = seq, .own = true});
}

Result<void> State::apply_record(const Record& record, const StationId& own) {
  if (!record.quarantine.empty()) return {};
  const auto event = decode_event(record.raw);
  if (!event.ok()) return {};  // an older program reads a newer store: the raw bytes are there
  return apply(*event, record.raw,
               {.feed_seq = record.position.feed_seq, .own = record.station_id == own});
}

Result<bool> State::knows_call(const CallId& call) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT 1 FROM calls WHERE call = ?1"));
  query.bind_blob(1, call.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  return found;
}

Result<void> State::apply(const Event& event, std::string_view raw, const EventPlace& place) {
  if (const auto tag = earful::tag_of(event)) {
    return apply_tag_event(*tag, event, raw, place);
  }
  if (const auto* defined = std::get_if<ListenerDefined>(&event.payload)) {
    return define_listener(defined->listener, event.personal.listener_name, place.feed_seq);
  }
  if (const auto* listened = std::get_if<Listened>(&event.payload)) {
    if (!event.subject || !event.listener) return {};
    EARFUL_TRY(notice_name(event));
    EARFUL_TRY(HeardTable(db_).add(*event.subject, *event.listener, *listened));
    return hours().apply(event, raw, place);
  }
  if (is_about_tagbook(event) || std::holds_alternative<ListenerMerged>(event.payload)) {
    return apply_shared(event, raw, place);
  }
  EARFUL_TRY(hours().apply(event, raw, place));
  if (std::holds_alternative<CallStarted>(event.payload) && place.own && event.subject) {
    EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT OR IGNORE INTO calls VALUES(?1)"));
    return insert.bind_blob(1, event.subject->raw()).run();
  }
  if (const auto* erased = std::get_if<Erased>(&event.payload)) {
    for (const EventId& id : erased->events) EARFUL_TRY(erase(id));
  }
  return {};
}

// Its personal data. Stays gone: what is applied again replaces raw only by its erased form.
Result<void> State::erase(const EventId& id) {
  EARFUL_TRY(hours().erase(id));
  for (const std::string table : {"tag_events", "shared_events"}) {
    EARFUL_ASSIGN(Statement query,
                  db_.prepare("SELECT raw FROM " + table + " WHERE event_id = ?1"));
    query.bind_blob(1, id.raw());
    EARFUL_ASSIGN(const bool found, query.step());
    if (!found) continue;
    EARFUL_ASSIGN(const std::string bare, erase_personal(query.bytes(0)));
    EARFUL_ASSIGN(Statement update,
                  db_.prepare("UPDATE " + table + " SET raw = ?2 WHERE event_id = ?1"));
    EARFUL_TRY(update.bind_blob(1, id.raw()).bind_blob(2, bare).run());
  }
  EARFUL_ASSIGN(Statement tag, db_.prepare("SELECT tag FROM tag_events WHERE event_id = ?1"));
  EARFUL_ASSIGN(const bool found, tag.bind_blob(1, id.raw()).step());
  return found ? refold(EventId::from_raw(tag.bytes(0)).value_or(id)) : Result<void>();
}

Result<void> State::apply_tag_event(const EventId& tag, const Event& event, std::string_view raw,
                                    const EventPlace& place) {
  EARFUL_ASSIGN(Statement upsert,
                db_.prepare("INSERT INTO tag_events VALUES(?1, ?2, ?3, ?4, ?5, ?6) "
                            "ON CONFLICT(event_id) DO UPDATE SET "
                            "raw = CASE WHEN ?7 THEN excluded.raw ELSE raw END, "
                            "feed_seq = max(feed_seq, excluded.feed_seq), "
                            "own_seq = max(own_seq, excluded.own_seq), "
                            "own = max(own, excluded.own)"));
  upsert.bind_blob(1, event.id.raw()).bind_blob(2, tag.raw()).bind(3, int64_t(place.feed_seq));
  upsert.bind(4, int64_t(place.own_seq)).bind_blob(5, raw).bind(6, int64_t(place.own));
  EARFUL_TRY(upsert.bind(7, int64_t(event.erased)).run());
  EARFUL_TRY(notice_name(event));
  return refold(tag);
}

// A name seen beside what somebody did is better than none, and worse than a definition.
Result<void> State::notice_name(const Event& event) {
  if (!event.listener || event.personal.listener_name.empty()) return {};
  EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT OR IGNORE INTO listeners VALUES(?1, ?2, 0)"));
  return insert.bind_blob(1, event.listener->raw())
      .bind_text(2, event.personal.listener_name)
      .run();
}

// What all stations share is folded as a whole, in feed order: there is little of it, and an own
// change moves behind those that were in the store before it.
Result<void> State::apply_shared(const Event& event, std::string_view raw,
                                 const EventPlace& place) {
  EARFUL_ASSIGN(Statement upsert, db_.prepare("INSERT INTO shared_events VALUES(?1, ?2, ?3, ?4) "
                                              "ON CONFLICT(event_id) DO UPDATE SET "
                                              "raw = CASE WHEN ?5 THEN excluded.raw ELSE raw END, "
                                              "feed_seq = max(feed_seq, excluded.feed_seq), "
                                              "own_seq = max(own_seq, excluded.own_seq)"));
  upsert.bind_blob(1, event.id.raw()).bind(2, int64_t(place.feed_seq));
  upsert.bind(3, int64_t(place.own_seq)).bind_blob(4, raw);
  EARFUL_TRY(upsert.bind(5, int64_t(event.erased)).run());
  if (std::holds_alternative<ListenerMerged>(event.payload)) {
    listeners_merged_ = true;
    return {};
  }
  EARFUL_ASSIGN(const std::string version, meta("book_version"));
  return set_meta("book_version",
                  std::to_string(version.empty() ? uint64_t(1) : std::stoull(version) + 1));
}

Result<void> State::refold_listeners() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT raw FROM shared_events ") + kInOrder));
  MergeRoots<ListenerId> roots;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) break;
    const auto event = decode_event(query.bytes(0));
    const auto* merged = event.ok() ? std::get_if<ListenerMerged>(&event->payload) : nullptr;
    if (merged) roots.merge(merged->from, merged->into);
  }
  EARFUL_TRY(db_.execute("DELETE FROM listener_roots"));
  EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT INTO listener_roots VALUES(?1, ?2)"));
  for (const auto& [from, into] : roots.merges()) {
    EARFUL_TRY(insert.bind_blob(1, from.raw()).bind_blob(2, roots.root(from).raw()).run());
  }
  return {};
}

Result<void> State::refold(const EventId& tag) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT raw, own_seq, own, event_id FROM tag_events WHERE tag = ?1 "
                            "ORDER BY feed_seq = 0, feed_seq, own_seq"));
  query.bind_blob(1, tag.raw());
  FoldedTag folded;
  int64_t own_seq = 0, own = 0;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) break;
    const auto event = decode_event(query.bytes(0));
    if (event.ok()) folded.add(*event);
    own_seq = std::max(own_seq, query.integer(1));
    if (query.bytes(3) == tag.raw()) own = query.integer(2);
  }
  if (!folded.tagged || !folded.call) return {};
  EARFUL_ASSIGN(Statement upsert, db_.prepare("INSERT OR REPLACE INTO tags VALUES(?1, ?2, ?3, ?4, "
                                              "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
                                              "?16, ?17)"));
  upsert.bind_blob(1, tag.raw()).bind_blob(2, folded.call->raw()).bind_text(3, folded.kind);
  upsert.bind(4, folded.pressed).bind(5, folded.start).bind(6, folded.end);
  upsert.bind_text(7, folded.note).bind_blob(8, folded.listener.value_or(ListenerId{}).raw());
  upsert.bind_text(9, folded.listener_name).bind(10, folded.time.time_since_epoch().count());
  upsert.bind(11, int64_t(folded.retracted)).bind(12, own_seq).bind(13, own);
  upsert.bind(14, int64_t(folded.closed_by_leaving)).bind(15, int64_t(folded.revisions));
  const CallSnapshot snapshot = folded.snapshot.value_or(CallSnapshot{});
  return upsert.bind_text(16, snapshot.queue).bind_text(17, snapshot.team).run();
}

Result<void> State::define_listener(const ListenerId& id, const std::string& name,
                                    uint64_t feed_seq) {
  EARFUL_ASSIGN(Statement upsert,
                db_.prepare("INSERT INTO listeners VALUES(?1, ?2, ?3) "
                            "ON CONFLICT(listener) DO UPDATE SET name = excluded.name, "
                            "feed_seq = max(feed_seq, excluded.feed_seq) "
                            "WHERE excluded.feed_seq = 0 OR excluded.feed_seq >= feed_seq"));
  return upsert.bind_blob(1, id.raw()).bind_text(2, name).bind(3, int64_t(feed_seq)).run();
}

Result<void> State::write_back(int64_t more_than_bytes) {
  if (db_.log_bytes() <= more_than_bytes) return {};
  return db_.checkpoint();
}

Result<void> State::forget_own_seqs() {
  EARFUL_TRY(hours().forget_own_seqs());
  return db_.execute(
      "UPDATE tag_events SET own_seq = 0; UPDATE tags SET own_seq = 0; "
      "UPDATE shared_events SET own_seq = 0");
}

Result<std::string> State::meta(const char* key) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT value FROM meta WHERE key = ?1"));
  query.bind_text(1, key);
  EARFUL_ASSIGN(const bool found, query.step());
  return found ? query.text(0) : std::string();
}

Result<void> State::set_meta(const char* key, std::string_view value) {
  EARFUL_ASSIGN(Statement upsert, db_.prepare("INSERT OR REPLACE INTO meta VALUES(?1, ?2)"));
  return upsert.bind_text(1, key).bind_blob(2, value).run();
}

Result<void> State::set_have_seq(uint64_t have_seq) {
  return set_meta("have_seq", std::to_string(have_seq));
}

Result<uint64_t> State::have_seq() {
  EARFUL_ASSIGN(const std::string text, meta("have_seq"));
  return text.empty() ? uint64_t(0) : std::stoull(text);
}

Result<State::Cursor> State::cursor() {
  EARFUL_ASSIGN(const std::string store, meta("feed_store"));
  EARFUL_ASSIGN(const std::string position, meta("feed_position"));
  return Cursor{StoreId::from_raw(store).value_or(StoreId{}),
                parse_position(position).value_or(FeedPosition{})};
}

Result<void> State::set_cursor(const Cursor& cursor) {
  EARFUL_TRY(set_meta("feed_store", cursor.store.raw()));
  return set_meta("feed_position", position_text(cursor.position));
}

// Own events stay, provisional until they are seen in the new feed.
Result<void> State::start_feed_over() {
  EARFUL_TRY(hours().start_feed_over());
  return db_.execute(
      "UPDATE tag_events SET feed_seq = 0; UPDATE listeners SET feed_seq = 0; "
      "UPDATE shared_events SET feed_seq = 0");
}

Result<State::OwnCursor> State::own_cursor() {
  EARFUL_ASSIGN(const std::string journal, meta("own_journal"));
  EARFUL_ASSIGN(const std::string seq, meta("own_seq"));
  return OwnCursor{JournalId::from_raw(journal).value_or(JournalId{}),
                   seq.empty() ? 0 : std::stoull(seq)};
}

Result<void> State::set_own_cursor(const OwnCursor& cursor) {
  EARFUL_TRY(set_meta("own_journal", cursor.journal.raw()));
  return set_meta("own_seq", std::to_string(cursor.seq));
}

}  // namespace earful::agent
