#include "agent/state/hours.h"

#include <map>

#include "agent/state/heard.h"
#include "proto/hour_fold.h"

namespace earful::agent {
namespace {

constexpr std::chrono::minutes kQuarter{15};

// Of a person, whichever of their ids is asked for (?1).
constexpr const char* kSamePerson =
    "IN (SELECT ?1 UNION SELECT root FROM listener_roots WHERE listener = ?1 UNION SELECT listener "
    "FROM listener_roots WHERE root = coalesce((SELECT root FROM listener_roots WHERE listener = "
    "?1), ?1)) ";
constexpr const char* kInOrder = " ORDER BY feed_seq = 0, feed_seq, own_seq, event_id";

EventId hour_of(const Event& event) {
  if (const auto* skipped = std::get_if<HourCallSkipped>(&event.payload)) return skipped->hour;
  if (const auto* added = std::get_if<HourCallAdded>(&event.payload)) return added->hour;
  if (const auto* words = std::get_if<HourWords>(&event.payload)) return words->hour;
  return {};
}

std::optional<PlannedHour> planned_of(const Statement& row) {
  auto event = decode_event(row.bytes(0));
  if (!event.ok() || !event->listener) return std::nullopt;
  auto* plan = std::get_if<HourPlanned>(&event->payload);
  if (!plan) return std::nullopt;
  return PlannedHour{event->id, *event->listener, event->time, row.integer(1) != 0,
                     std::move(*plan)};
}

Result<std::vector<PlannedHour>> all_planned(Statement query) {
  std::vector<PlannedHour> hours;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return hours;
    if (auto hour = planned_of(query)) hours.push_back(std::move(*hour));
  }
}

Result<std::vector<Event>> all_events(Statement query) {
  std::vector<Event> events;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return events;
    if (auto event = decode_event(query.bytes(0)); event.ok()) events.push_back(std::move(*event));
  }
}

// Bounded: each event about the same stay reads and writes all of them.
std::vector<Interval> kept(std::vector<Interval> stretches) {
  stretches = joined(std::move(stretches));
  if (stretches.size() > kMaxHeardStretches) stretches.resize(kMaxHeardStretches);
  return stretches;
}

int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }
int64_t quarter_of(WallTime time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch() / kQuarter;
}
int64_t day_of(WallTime time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

constexpr const char* kSpanColumns =
    "SELECT h.listener, h.call, h.first_ms, h.stretches, h.silences, h.opened_early, h.queue, "
    "h.team, h.listening FROM heard_spans h ";

HeardSpan span_of(const Statement& row) {
  return {ListenerId::from_raw(row.bytes(0)).value_or(ListenerId{}),
          CallId::from_raw(row.bytes(1)).value_or(CallId{}),
          WallTime(std::chrono::milliseconds(row.integer(2))),
          unpacked_stretches(row.bytes(3)),
          unpacked_stretches(row.bytes(4)),
          row.integer(5) != 0,
          row.text(6),
          row.text(7),
          EventId::from_raw(row.bytes(8)).value_or(EventId{})};
}

}  // namespace

const char* HourTable::schema() {
  return R"(
CREATE TABLE IF NOT EXISTS hours(
  event_id BLOB PRIMARY KEY, listener BLOB NOT NULL, week TEXT NOT NULL, feed_seq INTEGER NOT NULL,
  own_seq INTEGER NOT NULL, own INTEGER NOT NULL, raw BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hour_acts(
  event_id BLOB PRIMARY KEY, hour BLOB NOT NULL, feed_seq INTEGER NOT NULL,
  own_seq INTEGER NOT NULL, raw BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hour_acts_by_hour ON hour_acts(hour);
CREATE TABLE IF NOT EXISTS closings(
  event_id BLOB PRIMARY KEY, follow_up BLOB NOT NULL, feed_seq INTEGER NOT NULL,
  own_seq INTEGER NOT NULL, raw BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS closings_by_follow_up ON closings(follow_up);
CREATE TABLE IF NOT EXISTS heard_spans(
  listener BLOB NOT NULL, call BLOB NOT NULL, listening BLOB NOT NULL, quarter INTEGER NOT NULL,
  first_ms INTEGER NOT NULL, stretches BLOB NOT NULL, silences BLOB NOT NULL,
  opened_early INTEGER NOT NULL, queue TEXT NOT NULL, team TEXT NOT NULL,
  PRIMARY KEY(listener, call, listening, quarter)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS heard_spans_by_call ON heard_spans(call, first_ms);
CREATE TABLE IF NOT EXISTS served(
  queue TEXT NOT NULL, team TEXT NOT NULL, day INTEGER NOT NULL,
  PRIMARY KEY(queue, team, day)) WITHOUT ROWID;
)";
}

const char* HourTable::drop() {
  return "DROP TABLE IF EXISTS hours; DROP TABLE IF EXISTS hour_acts; "
         "DROP TABLE IF EXISTS closings; DROP TABLE IF EXISTS heard_spans; "
         "DROP TABLE IF EXISTS served;";
}

Result<void> HourTable::apply(const Event& event, std::string_view raw, const EventPlace& place) {
  if (const auto* plan = std::get_if<HourPlanned>(&event.payload)) {
    if (!event.listener) return {};
    EARFUL_ASSIGN(Statement upsert,
                  db_.prepare("INSERT INTO hours VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                              "ON CONFLICT(event_id) DO UPDATE SET "
                              "feed_seq = max(feed_seq, excluded.feed_seq), "
                              "own_seq = max(own_seq, excluded.own_seq), "
                              "own = max(own, excluded.own)"));
    upsert.bind_blob(1, event.id.raw()).bind_blob(2, event.listener->raw());
    upsert.bind_text(3, plan->week).bind(4, int64_t(place.feed_seq));
    upsert.bind(5, int64_t(place.own_seq)).bind(6, int64_t(place.own)).bind_blob(7, raw);
    return upsert.run();
  }
  if (const auto* closed = std::get_if<FollowUpClosed>(&event.payload)) {
    return keep("closings", closed->follow_up, event, raw, place);
  }
  if (const auto* listened = std::get_if<Listened>(&event.payload)) {
    return add_heard(event, *listened);
  }
  if (std::holds_alternative<CallStarted>(event.payload)) {
    if (!event.call || event.call->sample) return {};
    EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT OR IGNORE INTO served VALUES(?1, ?2, ?3)"));
    insert.bind_text(1, event.call->queue).bind_text(2, event.call->team);
    return insert.bind(3, day_of(event.call->started_at.value_or(event.time))).run();
  }
  if (std::holds_alternative<HourCallSkipped>(event.payload) ||
      std::holds_alternative<HourCallAdded>(event.payload) ||
      std::holds_alternative<HourWords>(event.payload) ||
      std::holds_alternative<WeekTakenOff>(event.payload)) {
    return keep("hour_acts", hour_of(event), event, raw, place);
  }
  return {};
}

// What was erased stays erased, though a store from before that has the words still.
Result<void> HourTable::keep(const char* table, const EventId& about, const Event& event,
                             std::string_view raw, const EventPlace& place) {
  EARFUL_ASSIGN(Statement upsert,
                db_.prepare("INSERT INTO " + std::string(table) +
                            " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(event_id) DO UPDATE SET "
                            "raw = CASE WHEN ?6 THEN excluded.raw ELSE raw END, "
                            "feed_seq = max(feed_seq, excluded.feed_seq), "
                            "own_seq = max(own_seq, excluded.own_seq)"));
  upsert.bind_blob(1, event.id.raw()).bind_blob(2, about.raw());
  upsert.bind(3, int64_t(place.feed_seq)).bind(4, int64_t(place.own_seq));
  return upsert.bind_blob(5, raw).bind(6, int64_t(event.erased)).run();
}

Result<void> HourTable::erase(const EventId& id) {
  for (const std::string table : {"hours", "hour_acts", "closings"}) {
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
  return {};
}

Result<void> HourTable::add_heard(const Event& event, const Listened& listened) {
  if (!event.subject || !event.listener || (event.call && event.call->sample)) return {};
  std::vector<Interval> heard, silences = listened.skipped_silence;
  if (listened.playback_rate <= kFastestHeard) heard = listened.intervals;
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT stretches, silences FROM heard_spans WHERE listener = ?1 AND "
                            "call = ?2 AND listening = ?3 AND quarter = ?4"));
  query.bind_blob(1, event.listener->raw()).bind_blob(2, event.subject->raw());
  query.bind_blob(3, listened.listening.raw()).bind(4, quarter_of(event.time));
  EARFUL_ASSIGN(const bool found, query.step());
  if (found) {
    for (const Interval& one : unpacked_stretches(query.bytes(0))) heard.push_back(one);
    for (const Interval& one : unpacked_stretches(query.bytes(1))) silences.push_back(one);
  }
  query.reset();
  EARFUL_ASSIGN(Statement upsert,
                db_.prepare("INSERT INTO heard_spans VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                            "?10) ON CONFLICT(listener, call, listening, quarter) DO UPDATE SET "
                            "first_ms = min(first_ms, excluded.first_ms), "
                            "stretches = excluded.stretches, silences = excluded.silences, "
                            "opened_early = max(opened_early, excluded.opened_early)"));
  upsert.bind_blob(1, event.listener->raw()).bind_blob(2, event.subject->raw());
  upsert.bind_blob(3, listened.listening.raw()).bind(4, quarter_of(event.time));
  upsert.bind(5, ms_of(event.time)).bind_blob(6, packed_stretches(kept(std::move(heard))));
  upsert.bind_blob(7, packed_stretches(kept(std::move(silences))));
  const CallSnapshot call = event.call.value_or(CallSnapshot{});
  upsert.bind(8, int64_t(listened.opened_early)).bind_text(9, call.queue);
  return upsert.bind_text(10, call.team).run();
}

Result<void> HourTable::forget_own_seqs() {
  return db_.execute(
      "UPDATE hours SET own_seq = 0; UPDATE hour_acts SET own_seq = 0; "
      "UPDATE closings SET own_seq = 0");
}

Result<void> HourTable::start_feed_over() {
  return db_.execute(
      "UPDATE hours SET feed_seq = 0; UPDATE hour_acts SET feed_seq = 0; "
      "UPDATE closings SET feed_seq = 0");
}

Result<std::optional<PlannedHour>> HourTable::of_week(const ListenerId& listener,
                                                      const std::string& week) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT raw, own FROM hours WHERE listener ") +
                            kSamePerson + "AND week = ?2" + kInOrder + " LIMIT 1"));
  query.bind_blob(1, listener.raw()).bind_text(2, week);
  EARFUL_ASSIGN(const bool found, query.step());
  return found ? planned_of(query) : std::nullopt;
}

Result<std::optional<PlannedHour>> HourTable::find(const EventId& hour) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT raw, own FROM hours WHERE event_id = ?1"));
  query.bind_blob(1, hour.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  return found ? planned_of(query) : std::nullopt;
}

Result<std::vector<PlannedHour>> HourTable::of_listener(const ListenerId& listener) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT raw, own FROM hours WHERE listener ") +
                            kSamePerson + kInOrder));
  query.bind_blob(1, listener.raw());
  EARFUL_ASSIGN(std::vector<PlannedHour> hours, all_planned(std::move(query)));
  std::map<std::string, PlannedHour, std::greater<>> by_week;
  for (PlannedHour& hour : hours) by_week.try_emplace(hour.plan.week, std::move(hour));
  hours.clear();
  for (auto& [week, hour] : by_week) hours.push_back(std::move(hour));
  return hours;
}

Result<std::vector<PlannedHour>> HourTable::all() {
  EARFUL_ASSIGN(Statement query, db_.prepare(std::string("SELECT raw, own FROM hours") + kInOrder));
  return all_planned(std::move(query));
}

Result<std::vector<Event>> HourTable::acts(const EventId& hour) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT raw FROM hour_acts WHERE hour = ?1") + kInOrder));
  query.bind_blob(1, hour.raw());
  return all_events(std::move(query));
}

Result<std::vector<Event>> HourTable::weeks_off() { return acts(EventId{}); }

Result<std::vector<HeardSpan>> HourTable::heard(const ListenerId& listener,
                                                std::span<const CallId> calls) {
  EARFUL_ASSIGN(Statement query, db_.prepare(std::string(kSpanColumns) + "WHERE h.listener " +
                                             kSamePerson + "AND h.call = ?2 ORDER BY h.first_ms"));
  std::vector<HeardSpan> spans;
  for (const CallId& call : calls) {
    query.bind_blob(1, listener.raw()).bind_blob(2, call.raw());
    for (;;) {
      EARFUL_ASSIGN(const bool more, query.step());
      if (!more) break;
      spans.push_back(span_of(query));
    }
  }
  return spans;
}

Result<std::vector<HeardSpan>> HourTable::heard_by(const ListenerId& listener) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string(kSpanColumns) + "WHERE h.listener " + kSamePerson));
  query.bind_blob(1, listener.raw());
  std::vector<HeardSpan> spans;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return spans;
    spans.push_back(span_of(query));
  }
}

Result<std::vector<HeardSpan>> HourTable::heard_by_leaders(WallTime since, WallTime until) {
  EARFUL_ASSIGN(
      Statement query,
      db_.prepare(std::string(kSpanColumns) +
                  "LEFT JOIN listener_roots r ON r.listener = h.listener "
                  "WHERE h.quarter >= ?1 AND h.quarter <= ?2 AND coalesce(r.root, h.listener) IN "
                  "(SELECT coalesce(q.root, p.listener) FROM hours p LEFT JOIN listener_roots q "
                  "ON q.listener = p.listener)"));
  query.bind(1, quarter_of(since)).bind(2, quarter_of(until));
  std::vector<HeardSpan> spans;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return spans;
    HeardSpan span = span_of(query);
    if (span.since >= since && span.since < until) spans.push_back(std::move(span));
  }
}

Result<WallTime> HourTable::last_heard(const CallId& call) {
  EARFUL_ASSIGN(
      Statement query,
      db_.prepare(
          "SELECT max(first_ms) FROM heard_spans WHERE call = ?1 AND length(stretches) > 0"));
  query.bind_blob(1, call.raw());
  EARFUL_ASSIGN(const bool row, query.step());
  return WallTime(std::chrono::milliseconds(row ? query.integer(0) : 0));
}

Result<std::vector<ServedPlace>> HourTable::served(WallTime since, WallTime until) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT DISTINCT queue, team FROM served "
                                             "WHERE day >= ?1 AND day <= ?2 ORDER BY queue, team"));
  query.bind(1, day_of(since)).bind(2, day_of(until));
  std::vector<ServedPlace> places;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return places;
    places.push_back({query.text(0), query.text(1)});
  }
}

Result<std::optional<Event>> HourTable::closing(const EventId& follow_up) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string("SELECT raw FROM closings WHERE follow_up = ?1") +
                            kInOrder + " LIMIT 1"));
  query.bind_blob(1, follow_up.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<Event>();
  EARFUL_ASSIGN(Event event, decode_event(query.bytes(0)));
  return std::optional<Event>(std::move(event));
}

}  // namespace earful::agent
