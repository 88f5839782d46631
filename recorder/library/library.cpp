#include "recorder/library/library.h"

#include <algorithm>
#include <charconv>

#include "recorder/library/call_row.h"
#include "recorder/library/fold.h"
#include "recorder/library/schema.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPage = 500;

int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

struct Cursor {
  int64_t sort_at = 0;
  CallId id;
};

std::string cursor_text(const Cursor& cursor) {
  return std::to_string(cursor.sort_at) + ":" + cursor.id.text();
}

std::optional<Cursor> parse_cursor(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Cursor cursor;
  const auto end = text.data() + colon;
  const auto [stop, fault] = std::from_chars(text.data(), end, cursor.sort_at);
  const auto id = CallId::parse(text.substr(colon + 1));
  if (fault != std::errc() || stop != end || !id) return std::nullopt;
  cursor.id = *id;
  return cursor;
}

// A condition and what fills its one parameter.
struct Condition {
  std::string sql;
  std::string text;
  std::optional<int64_t> number;
};

std::vector<Condition> conditions_of(const CallQuery& query) {
  std::vector<Condition> all;
  const auto equal = [&](const char* column, const std::string& value) {
    if (!value.empty()) all.push_back({std::string(column) + " = ?", value, {}});
  };
  equal("external_id", query.external_id);
  equal("queue", query.queue);
  equal("team", query.team);
  equal("language", query.language);
  equal("agent_ref", query.agent_ref);
  if (query.since) all.push_back({"started_at >= ?", "", ms_of(*query.since)});
  if (query.until) all.push_back({"started_at < ?", "", ms_of(*query.until)});
  if (query.sample) all.push_back({"sample = ?", "", *query.sample ? 1 : 0});
  for (const std::string& word : folded_words(query.text)) {
    all.push_back({"instr(folded, ?) > 0", word, {}});
  }
  return all;
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  // Calls are personal data: nobody else on the machine may read them.
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (!error) return {};
  return Error{"E_DB_IO", "making the folder " + path.string() + ": " + error.message() +
                              "; choose another with --data or make it writable"};
}

}  // namespace

Result<Library> Library::open(const fs::path& dir) {
  EARFUL_TRY(make_folder(dir));
  EARFUL_TRY(make_folder(dir / "calls"));
  Library library;
  library.dir_ = dir;
  EARFUL_ASSIGN(library.db_, Database::open(dir / "library.db", {}));
  EARFUL_TRY(settle_schema(library.db_, dir / "library.db"));
  return library;
}

fs::path Library::audio_path(const CallId& id) const {
  const std::string name = id.text();
  return dir_ / "calls" / name.substr(0, 2) / (name + ".opus");
}

fs::path Library::peaks_path(const CallId& id) const {
  return audio_path(id).replace_extension(".peaks");
}

fs::path Library::live_path(const CallId& id) const { return audio_path(id) += ".live"; }

fs::path Library::notes_path(const CallId& id) const {
  return audio_path(id).replace_extension(".notes");
}

Result<bool> Library::add(const Call& call) {
  EARFUL_ASSIGN(Statement insert, db_.prepare(kInsertCall));
  bind_call(insert, call);
  EARFUL_TRY(insert.run());
  return db_.changes() > 0;
}

Result<std::optional<Call>> Library::find(const CallId& id) {
  EARFUL_ASSIGN(Statement select, db_.prepare("SELECT " + std::string(kCallColumns) +
                                              ", measures FROM calls WHERE id = ?1"));
  select.bind_blob(1, id.raw());
  EARFUL_ASSIGN(const bool there, select.step());
  if (!there) return std::optional<Call>();
  Call call = read_call(select);
  call.measures = select.text(kAfterColumns);
  return std::optional<Call>(std::move(call));
}

Result<CallPage> Library::list(const CallQuery& query) {
  std::vector<Condition> conditions = conditions_of(query);
  std::optional<Cursor> after;
  if (!query.after.empty()) {
    after = parse_cursor(query.after);
    if (!after) {
      return Error{"E_AFTER",
                   "reading the cursor of the page before: it is not one of ours; "
                   "start again without it"};
    }
  }
  std::string sql = "SELECT " + std::string(kCallColumns) + " FROM calls WHERE 1";
  if (query.among) {
    EARFUL_TRY(set_among(*query.among));
    sql += " AND id IN (SELECT id FROM temp.among)";
  }
  for (const Condition& condition : conditions) sql += " AND " + condition.sql;
  if (after) sql += " AND (sort_at, id) < (?, ?)";
  sql += " ORDER BY sort_at DESC, id DESC LIMIT ?";
  EARFUL_ASSIGN(Statement select, db_.prepare(sql));
  int parameter = 0;
  for (const Condition& condition : conditions) {
    if (condition.number) {
      select.bind(++parameter, *condition.number);
    } else {
      select.bind_text(++parameter, condition.text);
    }
  }
  if (after) {
    select.bind(++parameter, after->sort_at);
    select.bind_blob(++parameter, after->id.raw());
  }
  const size_t limit = std::clamp<size_t>(query.limit, 1, kMaxPage);
  select.bind(++parameter, int64_t(limit + 1));  // one more tells whether there is a next page

  CallPage page;
  Cursor last;
  while (true) {
    EARFUL_ASSIGN(const bool there, select.step());
    if (!there) return page;
    if (page.calls.size() == limit) {
      page.next = cursor_text(last);
      return page;
    }
    page.calls.push_back(read_call(select));
    last = {select.integer(kSortAtColumn), page.calls.back().id};
  }
}

Result<std::vector<CallId>> Library::ids() {
  EARFUL_ASSIGN(Statement select, db_.prepare("SELECT id FROM calls"));
  std::vector<CallId> ids;
  for (;;) {
    EARFUL_ASSIGN(const bool there, select.step());
    if (!there) return ids;
    ids.push_back(CallId::from_raw(select.bytes(0)).value_or(CallId{}));
  }
}

Result<std::vector<std::string>> Library::values(const char* column) {
  const std::string name = column;
  EARFUL_ASSIGN(Statement select,
                db_.prepare("SELECT DISTINCT " + name + " FROM calls WHERE " + name +
                            " <> '' ORDER BY 1 LIMIT " + std::to_string(kMaxValues)));
  std::vector<std::string> values;
  for (;;) {
    EARFUL_ASSIGN(const bool there, select.step());
    if (!there) return values;
    values.push_back(select.text(0));
  }
}

// In a table of this connection's own, in memory; the next page is mostly asked of the same.
Result<void> Library::set_among(const std::vector<CallId>& calls) {
  if (among_ == calls) return {};
  among_.reset();
  EARFUL_TRY(
      db_.execute("CREATE TEMP TABLE IF NOT EXISTS among(id BLOB PRIMARY KEY) WITHOUT ROWID"));
  EARFUL_TRY(db_.execute("BEGIN"));  // of memory only: an IMMEDIATE one would lock the index
  const auto fill = [&]() -> Result<void> {
    EARFUL_TRY(db_.execute("DELETE FROM temp.among"));
    EARFUL_ASSIGN(Statement add, db_.prepare("INSERT OR IGNORE INTO temp.among VALUES(?1)"));
    for (const CallId& call : calls) EARFUL_TRY(add.bind_blob(1, call.raw()).run());
    return {};
  };
  if (const auto filled = fill(); !filled) {
    db_.rollback();
    return filled;
  }
  EARFUL_TRY(db_.commit());
  among_ = calls;
  return {};
}

Result<int64_t> Library::count() {
  EARFUL_ASSIGN(Statement select, db_.prepare("SELECT count(*) FROM calls"));
  EARFUL_ASSIGN(const bool there, select.step());
  return there ? select.integer(0) : 0;
}

Result<bool> Library::has_real_calls() {
  EARFUL_ASSIGN(Statement select,
                db_.prepare("SELECT EXISTS(SELECT 1 FROM calls WHERE sample = 0)"));
  EARFUL_ASSIGN(const bool there, select.step());
  return there && select.integer(0) != 0;
}

Result<std::vector<Call>> Library::rows(std::string_view rest, size_t limit) {
  EARFUL_ASSIGN(Statement select,
                db_.prepare("SELECT " + std::string(kCallColumns) + " FROM calls " +
                            std::string(rest) + " ORDER BY n LIMIT ?1"));
  select.bind(1, int64_t(limit));
  std::vector<Call> calls;
  while (true) {
    EARFUL_ASSIGN(const bool there, select.step());
    if (!there) return calls;
    calls.push_back(read_call(select));
  }
}

Result<std::vector<Call>> Library::unannounced(size_t limit) {
  return rows("WHERE announced <> 1", limit);
}

Result<void> Library::mark_announced(std::span<const Call> told) {
  EARFUL_TRY(db_.begin());
  const auto mark = [&]() -> Result<void> {
    // Not what ended meanwhile: its end is still to be told.
    EARFUL_ASSIGN(
        Statement update,
        db_.prepare("UPDATE calls SET announced = 1, ended_told = max(ended_told, 1 - ?2) "
                    "WHERE id = ?1 AND live = ?2"));
    for (const Call& call : told) {
      EARFUL_TRY(update.bind_blob(1, call.id.raw()).bind(2, int64_t(call.live)).run());
    }
    return {};
  };
  if (const auto marked = mark(); !marked) {
    db_.rollback();
    return marked;
  }
  return db_.commit();
}

Result<std::vector<Call>> Library::without_customer_key(size_t limit) {
  return rows("WHERE customer_id <> '' AND customer_key = ''", limit);
}

Result<std::vector<Call>> Library::calls_of_customer(std::string_view customer_id, size_t limit) {
  EARFUL_ASSIGN(Statement select,
                db_.prepare("SELECT " + std::string(kCallColumns) +
                            " FROM (SELECT * FROM calls ORDER BY sort_at DESC LIMIT ?3) "
                            "WHERE customer_id = ?1 ORDER BY sort_at DESC LIMIT ?2"));
  select.bind_text(1, customer_id).bind(2, int64_t(limit)).bind(3, int64_t(kCallsLookedBack));
  std::vector<Call> calls;
  while (true) {
    EARFUL_ASSIGN(const bool there, select.step());
    if (!there) return calls;
    calls.push_back(read_call(select));
  }
}

Result<void> Library::set_customer_key(const CallId& id, const std::string& key) {
  EARFUL_ASSIGN(Statement update,
                db_.prepare("UPDATE calls SET customer_key = ?2, "
                            "announced = CASE announced WHEN 0 THEN 0 ELSE 2 END WHERE id = ?1"));
  update.bind_blob(1, id.raw()).bind_text(2, key);
  return update.run();
}

Result<void> Library::begin_live(const Call& call) {
  Call begun = call;
  begun.live = true;
  EARFUL_ASSIGN(const bool added, add(begun));
  if (added) return {};
  return Error{"E_CALL", "beginning call " + call.id.text() +
                             ": it is in the library already; every live call needs a new id"};
}

Result<void> Library::finish_live(const Call& call) {
  EARFUL_ASSIGN(
      Statement update,
      db_.prepare("UPDATE calls SET live = 0, sort_at = sort_at - ?9, duration = ?2, legs = ?3, "
                  "sample_rate_hz = ?4, "
                  "cut = ?5, notes = ?6, measures = ?7, warnings = ?8, announced = CASE announced "
                  "WHEN 0 THEN 0 ELSE 2 END WHERE id = ?1 AND live <> 0"));
  update.bind_blob(1, call.id.raw())
      .bind(2, call.duration)
      .bind(3, int64_t(call.legs))
      .bind(4, int64_t(call.sample_rate_hz))
      .bind(5, int64_t(call.cut))
      .bind_text(6, call.notes.empty() ? "" : notes_json(call.notes))
      .bind_text(7, call.measures)
      .bind_text(8, call.warnings)
      .bind(9, kLiveFirst);
  return update.run();
}

Result<std::vector<Call>> Library::live_calls(size_t limit) {
  return rows("WHERE live <> 0", limit);
}

Result<void> Library::forget_live(const CallId& id) {
  EARFUL_ASSIGN(Statement remove, db_.prepare("DELETE FROM calls WHERE id = ?1 AND live <> 0"));
  remove.bind_blob(1, id.raw());
  return remove.run();
}

}  // namespace earful::recorder
