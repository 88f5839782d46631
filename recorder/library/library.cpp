#include "recorder/library/library.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "recorder/library/fold.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

constexpr int kSchema = 1;
constexpr size_t kMaxPage = 500;

// sort_at is the start of the call, or the time it was added where that is unknown.
// announced: 0 never, 1 as it stands, 2 before its last change.
constexpr const char* kTables = R"(
CREATE TABLE calls(
  n INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  external_id TEXT NOT NULL,
  started_at INTEGER,
  direction INTEGER NOT NULL,
  queue TEXT NOT NULL,
  team TEXT NOT NULL,
  agent_ref TEXT NOT NULL,
  language TEXT NOT NULL,
  customer_tier TEXT NOT NULL,
  labels TEXT NOT NULL,
  sample INTEGER NOT NULL,
  agent_name TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  customer_key TEXT NOT NULL,
  duration INTEGER NOT NULL,
  legs INTEGER NOT NULL,
  sample_rate_hz INTEGER NOT NULL,
  warnings TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  announced INTEGER NOT NULL DEFAULT 0,
  sort_at INTEGER NOT NULL,
  folded TEXT NOT NULL
);
CREATE INDEX calls_by_time ON calls(sort_at, id);
CREATE INDEX calls_by_external_id ON calls(external_id) WHERE external_id <> '';
CREATE INDEX calls_due ON calls(n) WHERE announced <> 1;
CREATE INDEX calls_without_key ON calls(n) WHERE customer_id <> '' AND customer_key = '';
CREATE INDEX calls_real ON calls(n) WHERE sample = 0;
PRAGMA user_version = 1;
)";

constexpr std::string_view kColumns =
    "id, external_id, started_at, direction, queue, team, agent_ref, language, customer_tier, "
    "labels, sample, agent_name, customer_id, customer_key, duration, legs, sample_rate_hz, "
    "warnings, added_at, announced, sort_at";
constexpr int kSortAtColumn = 20;

WallTime wall(int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }
int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }

std::string searchable(const Call& call) {
  const CallSnapshot& s = call.snapshot;
  std::string text;
  for (const std::string& part : {s.queue, s.team, s.agent_ref, call.agent_name, s.external_id}) {
    text += part + '\n';
  }
  for (const auto& [name, value] : s.labels) text += name + '\n' + value + '\n';
  return fold(text);
}

Call read_row(const Statement& row) {
  Call call;
  CallSnapshot& s = call.snapshot;
  if (const auto id = CallId::from_raw(row.bytes(0))) call.id = *id;
  s.external_id = row.text(1);
  if (!row.is_null(2)) s.started_at = wall(row.integer(2));
  s.direction = Direction(row.integer(3));
  s.queue = row.text(4);
  s.team = row.text(5);
  s.agent_ref = row.text(6);
  s.language = row.text(7);
  s.customer_tier = row.text(8);
  const auto labels = nlohmann::json::parse(row.bytes(9), nullptr, false);
  if (labels.is_object()) {
    for (const auto& [name, value] : labels.items()) {
      if (value.is_string()) s.labels[name] = value.get<std::string>();
    }
  }
  s.sample = row.integer(10) != 0;
  call.agent_name = row.text(11);
  call.customer_id = row.text(12);
  call.customer_key = row.text(13);
  call.duration = row.integer(14);
  call.legs = int(row.integer(15));
  call.sample_rate_hz = int(row.integer(16));
  call.warnings = row.text(17);
  call.added_at = wall(row.integer(18));
  call.announced = row.integer(19) != 0;
  return call;
}

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
  EARFUL_TRY(library.db_.begin());
  EARFUL_ASSIGN(Statement version, library.db_.prepare("PRAGMA user_version"));
  EARFUL_ASSIGN(const bool there, version.step());
  const int64_t schema = there ? version.integer(0) : 0;
  version.reset();
  if (schema > kSchema) {
    library.db_.rollback();
    return Error{"E_NEWER", "opening " + (dir / "library.db").string() +
                                ": it was written by a newer version; update this one"};
  }
  if (schema == 0) EARFUL_TRY(library.db_.execute(kTables));
  EARFUL_TRY(library.db_.commit());
  return library;
}

fs::path Library::audio_path(const CallId& id) const {
  const std::string name = id.text();
  return dir_ / "calls" / name.substr(0, 2) / (name + ".opus");
}

fs::path Library::peaks_path(const CallId& id) const {
  return audio_path(id).replace_extension(".peaks");
}

Result<bool> Library::add(const Call& call) {
  EARFUL_ASSIGN(
      Statement insert,
      db_.prepare("INSERT INTO calls(id, external_id, started_at, direction, queue, team, "
                  "agent_ref, language, customer_tier, labels, sample, agent_name, customer_id, "
                  "customer_key, duration, legs, sample_rate_hz, warnings, added_at, sort_at, "
                  "folded) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
                  "?15, ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT(id) DO NOTHING"));
  const CallSnapshot& s = call.snapshot;
  insert.bind_blob(1, call.id.raw()).bind_text(2, s.external_id);
  if (s.started_at) {
    insert.bind(3, ms_of(*s.started_at));
  } else {
    insert.bind_null(3);
  }
  insert.bind(4, int64_t(s.direction))
      .bind_text(5, s.queue)
      .bind_text(6, s.team)
      .bind_text(7, s.agent_ref)
      .bind_text(8, s.language)
      .bind_text(9, s.customer_tier)
      .bind_text(10, nlohmann::json(s.labels).dump(-1, ' ', false,
                                                   nlohmann::json::error_handler_t::replace))
      .bind(11, int64_t(s.sample))
      .bind_text(12, call.agent_name)
      .bind_text(13, call.customer_id)
      .bind_text(14, call.customer_key)
      .bind(15, call.duration)
      .bind(16, int64_t(call.legs))
      .bind(17, int64_t(call.sample_rate_hz))
      .bind_text(18, call.warnings)
      .bind(19, ms_of(call.added_at))
      .bind(20, ms_of(s.started_at.value_or(call.added_at)))
      .bind_text(21, searchable(call));
  EARFUL_TRY(insert.run());
  return db_.changes() > 0;
}

Result<std::optional<Call>> Library::find(const CallId& id) {
  EARFUL_ASSIGN(Statement select,
                db_.prepare("SELECT " + std::string(kColumns) + " FROM calls WHERE id = ?1"));
  select.bind_blob(1, id.raw());
  EARFUL_ASSIGN(const bool there, select.step());
  if (!there) return std::optional<Call>();
  return std::optional<Call>(read_row(select));
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
  std::string sql = "SELECT " + std::string(kColumns) + " FROM calls WHERE 1";
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
    page.calls.push_back(read_row(select));
    last = {select.integer(kSortAtColumn), page.calls.back().id};
  }
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
  EARFUL_ASSIGN(Statement select, db_.prepare("SELECT " + std::string(kColumns) + " FROM calls " +
                                              std::string(rest) + " ORDER BY n LIMIT ?1"));
  select.bind(1, int64_t(limit));
  std::vector<Call> calls;
  while (true) {
    EARFUL_ASSIGN(const bool there, select.step());
    if (!there) return calls;
    calls.push_back(read_row(select));
  }
}

Result<std::vector<Call>> Library::unannounced(size_t limit) {
  return rows("WHERE announced <> 1", limit);
}

Result<void> Library::mark_announced(std::span<const CallId> ids) {
  EARFUL_TRY(db_.begin());
  const auto mark = [&]() -> Result<void> {
    EARFUL_ASSIGN(Statement update, db_.prepare("UPDATE calls SET announced = 1 WHERE id = ?1"));
    for (const CallId& id : ids) EARFUL_TRY(update.bind_blob(1, id.raw()).run());
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

Result<void> Library::set_customer_key(const CallId& id, const std::string& key) {
  EARFUL_ASSIGN(Statement update,
                db_.prepare("UPDATE calls SET customer_key = ?2, "
                            "announced = CASE announced WHEN 0 THEN 0 ELSE 2 END WHERE id = ?1"));
  update.bind_blob(1, id.raw()).bind_text(2, key);
  return update.run();
}

}  // namespace earful::recorder
