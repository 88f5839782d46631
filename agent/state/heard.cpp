#include "agent/state/heard.h"

#include <algorithm>
#include <cstring>

#include "proto/hour_fold.h"

namespace earful::agent {
namespace {

constexpr const char* kColumns =
    "SELECT coalesce(r.root, h.listener), coalesce(l.name, ''), h.stretches, h.opened_early "
    "FROM heard h LEFT JOIN listener_roots r ON r.listener = h.listener "
    "LEFT JOIN listeners l ON l.listener = coalesce(r.root, h.listener) ";

HeardView view_of(const Statement& row) {
  return {ListenerId::from_raw(row.bytes(0)).value_or(ListenerId{}), row.text(1),
          unpacked_stretches(row.bytes(2)), row.integer(3) != 0};
}

// What a listener heard under another name before the two were merged.
void add_to(HeardView& view, const HeardView& more) {
  view.stretches.insert(view.stretches.end(), more.stretches.begin(), more.stretches.end());
  view.stretches = joined(std::move(view.stretches));
  view.opened_early |= more.opened_early;
}

}  // namespace

// Pairs of 64 bits as this machine has them: the state is a cache of this machine.
std::string packed_stretches(std::span<const Interval> stretches) {
  std::string out;
  for (const Interval& stretch : stretches) {
    for (const int64_t place : {stretch.start, stretch.end}) {
      out.append(reinterpret_cast<const char*>(&place), sizeof place);
    }
  }
  return out;
}

std::vector<Interval> unpacked_stretches(std::string_view bytes) {
  std::vector<Interval> stretches;
  for (; bytes.size() >= 2 * sizeof(int64_t); bytes.remove_prefix(2 * sizeof(int64_t))) {
    int64_t places[2];
    std::memcpy(places, bytes.data(), sizeof places);
    stretches.push_back({places[0], places[1]});
  }
  return stretches;
}

const char* HeardTable::schema() {
  return "CREATE TABLE IF NOT EXISTS heard(call BLOB NOT NULL, listener BLOB NOT NULL, "
         "stretches BLOB NOT NULL, opened_early INTEGER NOT NULL, PRIMARY KEY(call, listener)) "
         "WITHOUT ROWID;";
}

const char* HeardTable::drop() { return "DROP TABLE IF EXISTS heard;"; }

Result<void> HeardTable::add(const CallId& call, const ListenerId& listener,
                             const Listened& listened) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT stretches FROM heard WHERE call = ?1 AND "
                                             "listener = ?2"));
  query.bind_blob(1, call.raw()).bind_blob(2, listener.raw());
  EARFUL_ASSIGN(const bool found, query.step());
  std::vector<Interval> stretches;
  if (found) stretches = unpacked_stretches(query.bytes(0));
  query.reset();
  if (listened.playback_rate <= kFastestHeard) {
    stretches.insert(stretches.end(), listened.intervals.begin(), listened.intervals.end());
  }
  stretches = joined(std::move(stretches));
  if (stretches.size() > kMaxHeardStretches) stretches.resize(kMaxHeardStretches);
  EARFUL_ASSIGN(Statement upsert,
                db_.prepare("INSERT INTO heard VALUES(?1, ?2, ?3, ?4) ON CONFLICT(call, listener) "
                            "DO UPDATE SET stretches = excluded.stretches, "
                            "opened_early = max(opened_early, excluded.opened_early)"));
  const std::string bytes = packed_stretches(stretches);
  upsert.bind_blob(1, call.raw()).bind_blob(2, listener.raw()).bind_blob(3, bytes);
  return upsert.bind(4, int64_t(listened.opened_early)).run();
}

Result<std::vector<HeardView>> HeardTable::of_call(const CallId& call) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string(kColumns) + "WHERE h.call = ?1 ORDER BY l.name, 1"));
  query.bind_blob(1, call.raw());
  std::vector<HeardView> views;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return views;
    HeardView view = view_of(query);
    if (!views.empty() && views.back().listener == view.listener) {
      add_to(views.back(), view);
    } else {
      views.push_back(std::move(view));
    }
  }
}

Result<std::map<CallId, HeardView>> HeardTable::by(const ListenerId& listener,
                                                   std::span<const CallId> calls) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare(std::string(kColumns) +
                            "WHERE h.call = ?1 AND coalesce(r.root, h.listener) = coalesce("
                            "(SELECT root FROM listener_roots WHERE listener = ?2), ?2)"));
  std::map<CallId, HeardView> views;
  for (const CallId& call : calls) {
    query.bind_blob(1, call.raw()).bind_blob(2, listener.raw());
    for (;;) {
      EARFUL_ASSIGN(const bool more, query.step());
      if (!more) break;
      const auto [view, first] = views.try_emplace(call, view_of(query));
      if (!first) add_to(view->second, view_of(query));
    }
  }
  return views;
}

}  // namespace earful::agent
