#include "agent/finding/find_index.h"

#include "base/hash.h"
#include "base/log.h"
#include "recorder/library/words.h"

namespace earful::agent {
namespace {

// A cache of another format, or of other tokens (recorder/library/words.h), is made anew.
constexpr int64_t kFormat = 1;
constexpr const char* kDropAll =
    "DROP TABLE IF EXISTS calls; DROP TABLE IF EXISTS words; DROP TABLE IF EXISTS kinds";

// print is a hash of what a row of words and the kinds were made of. The tokens are made already:
// of ASCII the tokenizer splits at spaces only, for there is nothing else to split at.
constexpr const char* kSchema = R"(
CREATE TABLE calls(n INTEGER PRIMARY KEY, call BLOB NOT NULL UNIQUE, print BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize='ascii');
CREATE TABLE kinds(kind TEXT, n INTEGER, PRIMARY KEY(kind, n)) WITHOUT ROWID;
CREATE INDEX kinds_by_call ON kinds(n);
)";

std::string print_of(std::span<const CallText> texts, std::span<const std::string> kinds) {
  std::string all;
  for (const CallText& text : texts) all += text.text + '\0';
  all += '\0';
  for (const std::string& kind : kinds) all += kind + '\0';
  return std::string(view(generichash(all)));
}

Result<void> settle(Database& db) {
  EARFUL_ASSIGN(Statement version, db.prepare("PRAGMA user_version"));
  EARFUL_ASSIGN(const bool row, version.step());
  const bool other = !row || version.integer(0) != kFormat;
  version.reset();
  if (!other) return {};  // nothing is written, so a full disk refuses nothing
  EARFUL_TRY(db.execute("BEGIN"));
  EARFUL_TRY(db.execute(kDropAll));
  EARFUL_TRY(db.execute(kSchema));
  EARFUL_TRY(db.execute("PRAGMA user_version = " + std::to_string(kFormat)));
  return db.commit();
}

Result<std::vector<CallId>> calls_in(Database& db) {
  EARFUL_ASSIGN(Statement query, db.prepare("SELECT call FROM calls"));
  std::vector<CallId> calls;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return calls;
    calls.push_back(CallId::from_raw(query.bytes(0)).value_or(CallId{}));
  }
}

Result<Database> open_cache(const std::filesystem::path& path) {
  EARFUL_ASSIGN(Database db, Database::open(path, {.durable = false}));
  EARFUL_TRY(settle(db));
  EARFUL_TRY(calls_in(db));  // damage beyond the first page
  return db;
}

}  // namespace

Result<FindIndex> FindIndex::open(const std::filesystem::path& path, bool read_only) {
  if (read_only) {
    EARFUL_ASSIGN(Database db, Database::open(path, {.read_only = true}));
    return FindIndex(std::move(db));
  }
  auto db = open_cache(path);
  if (!db.ok() && db.error().code == "E_DB_CORRUPT") {
    log_warn("made find index anew", {{"error", db.error().message}});
    std::error_code fault;
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path.string() + end, fault);
    }
    db = open_cache(path);
  }
  if (!db.ok()) return db.error();
  return FindIndex(std::move(*db));
}

Result<std::vector<CallId>> FindIndex::find(const Sought& sought, const std::string& kind) {
  std::vector<CallId> found;
  if (!sought.blank() && sought.wordless()) return found;
  std::string sql = "SELECT call FROM calls WHERE 1";
  if (!sought.wordless()) {
    sql += " AND n IN (SELECT rowid FROM words WHERE words MATCH ?1)";
  }
  if (!kind.empty()) sql += " AND n IN (SELECT n FROM kinds WHERE kind = ?2)";
  EARFUL_ASSIGN(Statement query, db_.prepare(sql));
  if (!sought.wordless()) query.bind_text(1, sought.expression());
  if (!kind.empty()) query.bind_text(2, kind);
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return found;
    found.push_back(CallId::from_raw(query.bytes(0)).value_or(CallId{}));
  }
}

Result<std::vector<CallId>> FindIndex::calls() { return calls_in(db_); }

Result<void> FindIndex::put(const CallId& call, std::span<const CallText> texts,
                            std::span<const std::string> kinds) {
  const std::string print = print_of(texts, kinds);
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT print FROM calls WHERE call = ?1"));
  query.bind_blob(1, call.raw());
  EARFUL_ASSIGN(const bool there, query.step());
  if (there && query.bytes(0) == print) return {};
  query.reset();
  if (there) EARFUL_TRY(remove(call));
  EARFUL_ASSIGN(Statement add, db_.prepare("INSERT INTO calls(call, print) VALUES(?1, ?2)"));
  EARFUL_TRY(add.bind_blob(1, call.raw()).bind_blob(2, print).run());
  const int64_t n = db_.last_insert_rowid();
  std::string tokens;
  for (const CallText& text : texts) tokens += recorder::index_tokens(text.text);
  EARFUL_ASSIGN(Statement words, db_.prepare("INSERT INTO words(rowid, tokens) VALUES(?1, ?2)"));
  EARFUL_TRY(words.bind(1, n).bind_text(2, tokens).run());
  EARFUL_ASSIGN(Statement has, db_.prepare("INSERT INTO kinds(kind, n) VALUES(?1, ?2)"));
  for (const std::string& kind : kinds) EARFUL_TRY(has.bind_text(1, kind).bind(2, n).run());
  return {};
}

Result<void> FindIndex::remove(const CallId& call) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT n FROM calls WHERE call = ?1"));
  query.bind_blob(1, call.raw());
  EARFUL_ASSIGN(const bool there, query.step());
  if (!there) return {};
  const int64_t n = query.integer(0);
  query.reset();
  for (const char* sql : {"DELETE FROM words WHERE rowid = ?1", "DELETE FROM kinds WHERE n = ?1",
                          "DELETE FROM calls WHERE n = ?1"}) {
    EARFUL_ASSIGN(Statement gone, db_.prepare(sql));
    EARFUL_TRY(gone.bind(1, n).run());
  }
  removed_ = true;
  return {};
}

Result<void> FindIndex::forget_removed() {
  if (!removed_) return {};
  EARFUL_TRY(db_.execute("INSERT INTO words(words) VALUES('optimize')"));
  removed_ = false;
  return {};
}

void FindIndex::condemn() {
  if (const auto done = db_.execute("PRAGMA user_version = 0"); !done.ok()) {
    log_warn("failed to mark the find index", {{"error", done.error().message}});
  }
}

}  // namespace earful::agent
