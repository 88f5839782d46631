// Reading tags: of a call, of all calls, and what was done to one.
#include "agent/state/state.h"
#include "proto/tag_fold.h"

namespace earful::agent {
namespace {

constexpr const char* kTagColumns =
    "tag, call, kind, position, start, end, note, coalesce(root, t.listener), "
    "coalesce(l.name, t.listener_name), time_ms, retracted, own_seq, own, closed_by_leaving, "
    "revisions, queue, team";
constexpr const char* kTagTables =
    " FROM tags t LEFT JOIN listener_roots r ON r.listener = t.listener "
    "LEFT JOIN listeners l ON l.listener = coalesce(root, t.listener) ";

TagView tag_of(const Statement& row, uint64_t have_seq) {
  TagView tag;
  tag.id = EventId::from_raw(row.bytes(0)).value_or(EventId{});
  tag.call = CallId::from_raw(row.bytes(1)).value_or(CallId{});
  tag.kind = row.text(2);
  tag.position = row.integer(3);
  tag.start = row.integer(4);
  tag.end = row.integer(5);
  tag.note = row.text(6);
  tag.listener = ListenerId::from_raw(row.bytes(7)).value_or(ListenerId{});
  tag.listener_name = row.text(8);
  tag.time = WallTime(std::chrono::milliseconds(row.integer(9)));
  tag.retracted = row.integer(10) != 0;
  tag.seq = uint64_t(row.integer(11));
  tag.own = row.integer(12) != 0;
  tag.in_store = tag.seq <= have_seq;
  tag.closed_by_leaving = row.integer(13) != 0;
  tag.revisions = int(row.integer(14));
  tag.queue = row.text(15);
  tag.team = row.text(16);
  return tag;
}

TagChange change_of(const Event& event) {
  TagChange change;
  change.id = event.id;
  change.time = event.time;
  change.listener = {event.listener.value_or(ListenerId{}), event.personal.listener_name};
  if (const auto* made = std::get_if<Tagged>(&event.payload)) {
    change.kind = made->kind;
    change.start = made->start;
    change.end = made->end;
    change.note = event.personal.note;
  } else if (const auto* revised = std::get_if<TagRevised>(&event.payload)) {
    change.what = TagChange::What::kRevised;
    change.kind = revised->kind;
    change.start = revised->start;
    change.end = revised->end;
    if (revised->note_revised) change.note = event.personal.note;
  } else {
    change.what = TagChange::What::kRetracted;
  }
  return change;
}

}  // namespace

Result<std::vector<TagView>> State::tags_of(const CallId& call) {
  EARFUL_ASSIGN(const uint64_t have, have_seq());
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT ") + kTagColumns + kTagTables +
                            "WHERE call = ?1 AND retracted = 0 ORDER BY position, tag"));
  query.bind_blob(1, call.raw());
  std::vector<TagView> tags;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return tags;
    tags.push_back(tag_of(query, have));
  }
}

Result<std::optional<TagView>> State::tag(const EventId& id) {
  EARFUL_ASSIGN(const uint64_t have, have_seq());
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT ") + kTagColumns + kTagTables + "WHERE tag = ?1"));
  query.bind_blob(1, id.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<TagView>();
  return std::optional<TagView>(tag_of(query, have));
}

Result<bool> State::is_closed(const EventId& follow_up) {
  EARFUL_ASSIGN(const std::optional<Event> closing, hours().closing(follow_up));
  return closing.has_value();
}

Result<std::vector<TagView>> State::recent(const RecentTags& wanted, WallTime now) {
  // A clock that is ahead must not keep its tags on top for years.
  constexpr std::chrono::minutes kAhead{1};
  EARFUL_ASSIGN(const uint64_t have, have_seq());
  EARFUL_ASSIGN(const TagbookFold* book, tagbook());
  const auto fits = [&](const TagView& tag) {
    if (!wanted.queue.empty() && tag.queue != wanted.queue) return false;
    if (!wanted.team.empty() && tag.team != wanted.team) return false;
    if (!wanted.severity) return true;
    const TagKind* kind = book->find(book->root(tag.kind));
    return kind && kind->severity == *wanted.severity;
  };
  EARFUL_ASSIGN(Statement query, db_.prepare(std::string("SELECT ") + kTagColumns + kTagTables +
                                             "WHERE time_ms <= ?1 ORDER BY time_ms DESC LIMIT ?2"));
  query.bind(1, (now + kAhead).time_since_epoch().count()).bind(2, int64_t(kRecentTags));
  std::vector<TagView> tags;
  while (tags.size() < wanted.limit) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) break;
    TagView tag = tag_of(query, have);
    if (!tag.retracted && fits(tag)) tags.push_back(std::move(tag));
  }
  return tags;
}

Result<std::vector<TagView>> State::tags_of_kinds(std::span<const std::string> kinds,
                                                  WallTime since) {
  EARFUL_ASSIGN(const uint64_t have, have_seq());
  std::string places;
  for (size_t i = 0; i < kinds.size(); ++i) places += (i ? ",?" : "?") + std::to_string(i + 2);
  EARFUL_ASSIGN(Statement query, db_.prepare(std::string("SELECT ") + kTagColumns + kTagTables +
                                             "WHERE time_ms >= ?1 AND retracted = 0 AND kind IN (" +
                                             places + ") ORDER BY time_ms DESC, tag"));
  query.bind(1, since.time_since_epoch().count());
  for (size_t i = 0; i < kinds.size(); ++i) query.bind_text(int(i) + 2, kinds[i]);
  std::vector<TagView> tags;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return tags;
    tags.push_back(tag_of(query, have));
  }
}

Result<std::map<CallId, int>> State::tag_counts(std::span<const CallId> calls) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT count(*) FROM tags WHERE call = ?1 AND retracted = 0"));
  std::map<CallId, int> counts;
  for (const CallId& call : calls) {
    query.bind_blob(1, call.raw());
    EARFUL_ASSIGN(const bool row, query.step());
    EARFUL_CHECK(row);
    counts[call] = int(query.integer(0));
    query.reset();
  }
  return counts;
}

Result<std::vector<TagChange>> State::history(const EventId& id) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT raw FROM tag_events WHERE tag = ?1 "
                                             "ORDER BY feed_seq = 0, feed_seq, own_seq"));
  query.bind_blob(1, id.raw());
  std::vector<TagChange> changes;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) break;
    const auto event = decode_event(query.bytes(0));
    if (event.ok()) changes.push_back(change_of(*event));
  }
  for (TagChange& change : changes) {
    EARFUL_ASSIGN(const std::optional<ListenerView> known, listener(change.listener.id));
    if (known) change.listener = *known;  // the name as it is now, as beside the tag
  }
  return changes;
}

Result<std::vector<EventId>> State::tags_touched(const Event& event) {
  std::vector<EventId> tags;
  if (const auto tag = earful::tag_of(event)) tags.push_back(*tag);
  const auto* erased = std::get_if<Erased>(&event.payload);
  if (!erased) return tags;
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT tag FROM tag_events WHERE event_id = ?1"));
  for (const EventId& id : erased->events) {
    query.bind_blob(1, id.raw());
    EARFUL_ASSIGN(const bool found, query.step());
    if (found) tags.push_back(EventId::from_raw(query.bytes(0)).value_or(EventId{}));
    query.reset();
  }
  return tags;
}

}  // namespace earful::agent
