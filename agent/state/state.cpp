#include "agent/state/state.h"

#include <algorithm>

#include "proto/tag_fold.h"
#include "proto/tagbook.h"

namespace earful::agent {
namespace {

// A cache of another format is made anew.
constexpr int64_t kFormat = 3;
constexpr const char* kDropAll =
    "DROP TABLE IF EXISTS meta; DROP TABLE IF EXISTS tag_events; DROP TABLE IF EXISTS tags; "
    "DROP TABLE IF EXISTS listeners; DROP TABLE IF EXISTS kinds; DROP TABLE IF EXISTS calls";

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
  listener BLOB PRIMARY KEY, name TEXT NOT NULL, merged_into BLOB, feed_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kinds(
  kind TEXT PRIMARY KEY, raw BLOB, retired INTEGER NOT NULL DEFAULT 0,
  merged_into TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls(call BLOB PRIMARY KEY) WITHOUT ROWID;
)";

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
    EARFUL_TRY(db.execute(kSchema));
    EARFUL_TRY(db.execute(HeardTable::schema()));
    EARFUL_TRY(db.execute("PRAGMA user_version = " + std::to_string(kFormat)));
  }
  return State(std::move(db));
}

// ---- readers

Result<std::vector<ListenerView>> State::listeners() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT listener, name FROM listeners "
                                             "WHERE merged_into IS NULL ORDER BY name, listener"));
  std::vector<ListenerView> listeners;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return listeners;
    listeners.push_back(
        {ListenerId::from_raw(query.bytes(0)).value_or(ListenerId{}), query.text(1)});
  }
}

Result<std::optional<ListenerView>> State::listener(const ListenerId& id) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT name FROM listeners WHERE listener = ?1"));
  query.bind_blob(1, id.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<ListenerView>();
  return std::optional<ListenerView>({id, query.text(0)});
}

Result<std::vector<KindView>> State::kinds() {
  std::vector<KindView> kinds;
  for (const TagKind& kind : default_tagbook().kinds) kinds.push_back({.kind = kind});
  const auto named = [&](const std::string& id) -> KindView* {
    for (KindView& view : kinds) {
      if (view.kind.id == id) return &view;
    }
    return nullptr;
  };
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT kind, raw, retired, merged_into FROM kinds"));
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) break;
    KindView* view = named(query.text(0));
    if (!query.is_null(1)) {
      const auto event = decode_event(query.bytes(1));
      const auto* defined = event.ok() ? std::get_if<TagKindDefined>(&event->payload) : nullptr;
      if (defined && !view) view = &kinds.emplace_back();
      if (defined) view->kind = defined->kind;
    }
    if (!view) continue;
    view->retired = query.integer(2) != 0;
    view->merged_into = query.text(3);
  }
  for (KindView& view : kinds) {
    // A chain of merges ends at its root; as many steps as kinds end a ring.
    for (size_t step = 0; step < kinds.size(); ++step) {
      const KindView* next = named(view.merged_into);
      if (!next || next->merged_into.empty()) break;
      view.merged_into = next->merged_into;
    }
  }
  std::stable_sort(kinds.begin(), kinds.end(), [](const KindView& a, const KindView& b) {
    return a.kind.order < b.kind.order;
  });
  return kinds;
}

Result<std::optional<KindView>> State::kind(const std::string& id) {
  const auto with_id = [&](const TagKind& kind) { return kind.id == id; };
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT 1 FROM kinds LIMIT 1"));
  EARFUL_ASSIGN(const bool own_kinds, query.step());
  if (!own_kinds) {
    const auto& book = default_tagbook().kinds;
    const auto found = std::find_if(book.begin(), book.end(), with_id);
    if (found == book.end()) return std::optional<KindView>();
    return std::optional<KindView>({.kind = *found});
  }
  EARFUL_ASSIGN(const std::vector<KindView> all, kinds());
  for (const KindView& view : all) {
    if (with_id(view.kind)) return std::optional<KindView>(view);
  }
  return std::optional<KindView>();
}

// ---- the scribe's

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

Result<void> State::apply(const Event& event, std::string_view raw, const Place& place) {
  if (const auto tag = earful::tag_of(event)) {
    return apply_tag_event(*tag, event, raw, place);
  }
  if (const auto* defined = std::get_if<ListenerDefined>(&event.payload)) {
    return define_listener(defined->listener, event.personal.listener_name, place.feed_seq);
  }
  if (const auto* listened = std::get_if<Listened>(&event.payload)) {
    if (!event.subject || !event.listener) return {};
    EARFUL_TRY(notice_name(event));
    return HeardTable(db_).add(*event.subject, *event.listener, *listened);
  }
  if (const auto* merged = std::get_if<ListenerMerged>(&event.payload)) {
    EARFUL_ASSIGN(Statement update,
                  db_.prepare("UPDATE listeners SET merged_into = ?2 WHERE listener = ?1"));
    return update.bind_blob(1, merged->from.raw()).bind_blob(2, merged->into.raw()).run();
  }
  if (const auto* defined = std::get_if<TagKindDefined>(&event.payload)) {
    EARFUL_ASSIGN(Statement upsert,
                  db_.prepare("INSERT INTO kinds(kind, raw) VALUES(?1, ?2) "
                              "ON CONFLICT(kind) DO UPDATE SET raw = excluded.raw, retired = 0"));
    return upsert.bind_text(1, defined->kind.id).bind_blob(2, raw).run();
  }
  if (const auto* retired = std::get_if<TagKindRetired>(&event.payload)) {
    EARFUL_ASSIGN(Statement upsert, db_.prepare("INSERT INTO kinds(kind, retired) VALUES(?1, 1) "
                                                "ON CONFLICT(kind) DO UPDATE SET retired = 1"));
    return upsert.bind_text(1, retired->kind).run();
  }
  if (const auto* merged = std::get_if<TagKindMerged>(&event.payload)) {
    EARFUL_ASSIGN(Statement upsert,
                  db_.prepare("INSERT INTO kinds(kind, merged_into) VALUES(?1, ?2) ON "
                              "CONFLICT(kind) DO UPDATE SET merged_into = excluded.merged_into"));
    return upsert.bind_text(1, merged->from).bind_text(2, merged->into).run();
  }
  if (std::holds_alternative<CallStarted>(event.payload) && place.own && event.subject) {
    EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT OR IGNORE INTO calls VALUES(?1)"));
    return insert.bind_blob(1, event.subject->raw()).run();
  }
  if (const auto* erased = std::get_if<Erased>(&event.payload)) {
    for (const EventId& id : erased->events) {
      EARFUL_ASSIGN(Statement query,
                    db_.prepare("SELECT raw, tag FROM tag_events WHERE event_id = ?1"));
      query.bind_blob(1, id.raw());
      EARFUL_ASSIGN(const bool found, query.step());
      if (!found) continue;
      EARFUL_ASSIGN(const std::string bare, erase_personal(query.bytes(0)));
      const auto tag = EventId::from_raw(query.bytes(1));
      EARFUL_ASSIGN(Statement update,
                    db_.prepare("UPDATE tag_events SET raw = ?2 WHERE event_id = ?1"));
      EARFUL_TRY(update.bind_blob(1, id.raw()).bind_blob(2, bare).run());
      if (tag) EARFUL_TRY(refold(*tag));
    }
  }
  return {};
}

Result<void> State::apply_tag_event(const EventId& tag, const Event& event, std::string_view raw,
                                    const Place& place) {
  EARFUL_ASSIGN(Statement upsert,
                db_.prepare("INSERT INTO tag_events VALUES(?1, ?2, ?3, ?4, ?5, ?6) "
                            "ON CONFLICT(event_id) DO UPDATE SET raw = excluded.raw, "
                            "feed_seq = max(feed_seq, excluded.feed_seq), "
                            "own_seq = max(own_seq, excluded.own_seq), "
                            "own = max(own, excluded.own)"));
  upsert.bind_blob(1, event.id.raw()).bind_blob(2, tag.raw()).bind(3, int64_t(place.feed_seq));
  upsert.bind(4, int64_t(place.own_seq)).bind_blob(5, raw).bind(6, int64_t(place.own));
  EARFUL_TRY(upsert.run());
  EARFUL_TRY(notice_name(event));
  return refold(tag);
}

// A name seen beside what somebody did is better than none, and worse than a definition.
Result<void> State::notice_name(const Event& event) {
  if (!event.listener || event.personal.listener_name.empty()) return {};
  EARFUL_ASSIGN(Statement insert,
                db_.prepare("INSERT OR IGNORE INTO listeners VALUES(?1, ?2, NULL, 0)"));
  return insert.bind_blob(1, event.listener->raw())
      .bind_text(2, event.personal.listener_name)
      .run();
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
                db_.prepare("INSERT INTO listeners VALUES(?1, ?2, NULL, ?3) "
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
  return db_.execute("UPDATE tag_events SET own_seq = 0; UPDATE tags SET own_seq = 0");
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
  return db_.execute("UPDATE tag_events SET feed_seq = 0; UPDATE listeners SET feed_seq = 0");
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
