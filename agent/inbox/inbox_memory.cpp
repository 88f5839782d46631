#include "agent/inbox/inbox_memory.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/log.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSchema = 1;
constexpr std::chrono::hours kKeepGoneFor{30 * 24};

// Paths are bytes; a name need not be UTF-8.
constexpr const char* kTables = R"(
CREATE TABLE files(
  path BLOB PRIMARY KEY,
  inbox BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  judged_by TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_refused ON files(inbox, at) WHERE code <> '';
CREATE TABLE counts(inbox BLOB PRIMARY KEY, taken INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
)";

int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall(int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

bool is_gone(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

}  // namespace

Result<InboxMemory> InboxMemory::open(const fs::path& file) {
  auto opened = open_whole(file);
  if (opened.ok() || opened.error().code != "E_DB_CORRUPT") return opened;
  log_warn("made inbox memory anew", {{"why", opened.error().message}});
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) fs::remove(file.string() + ending, ignored);
  return open_whole(file);
}

Result<InboxMemory> InboxMemory::open_whole(const fs::path& file) {
  // Not synced: what a power cut takes from it is read again.
  EARFUL_ASSIGN(Database db, Database::open(file, {.durable = false}));
  int64_t schema = 0;
  {
    EARFUL_ASSIGN(Statement version, db.prepare("PRAGMA user_version"));
    EARFUL_ASSIGN(const bool row, version.step());
    if (row) schema = version.integer(0);
  }
  if (schema == 0) {
    EARFUL_TRY(db.execute(kTables));
  } else if (schema != kSchema) {
    return Error{"E_DB_CORRUPT", "opening " + file.string() + ": it is of another version"};
  }
  EARFUL_ASSIGN(
      Statement find,
      db.prepare("SELECT bytes, changed_ns, code, message, judged_by, at FROM files WHERE path=?"));
  return InboxMemory(std::move(db), std::move(find));
}

Result<std::optional<Remembered>> InboxMemory::find(const std::string& path) {
  find_.bind_blob(1, path);
  EARFUL_ASSIGN(const bool row, find_.step());
  if (!row) return std::optional<Remembered>();
  Remembered what;
  what.recording = {find_.integer(0), find_.integer(1)};
  what.code = find_.text(2);
  what.message = find_.text(3);
  what.judged_by = find_.text(4);
  what.at = wall(find_.integer(5));
  find_.reset();
  return std::optional(std::move(what));
}

Result<void> InboxMemory::keep(const std::string& inbox, const std::string& path,
                               const Remembered& what) {
  EARFUL_ASSIGN(Statement file,
                db_.prepare("INSERT OR REPLACE INTO files(path, inbox, bytes, changed_ns, code, "
                            "message, judged_by, at) VALUES(?,?,?,?,?,?,?,?)"));
  file.bind_blob(1, path).bind_blob(2, inbox);
  file.bind(3, what.recording.bytes).bind(4, what.recording.changed_ns);
  file.bind_text(5, what.code).bind_text(6, what.message).bind_text(7, what.judged_by);
  file.bind(8, ms_of(what.at));
  EARFUL_TRY(db_.begin());
  auto done = file.run();
  if (done.ok() && !what.refused()) {
    auto count = db_.prepare(
        "INSERT INTO counts(inbox, taken) VALUES(?, 1) "
        "ON CONFLICT(inbox) DO UPDATE SET taken = taken + 1");
    if (count.ok()) count->bind_blob(1, inbox);
    done = count.ok() ? count->run() : Result<void>(count.error());
  }
  if (done.ok()) return db_.commit();
  db_.rollback();
  return done;
}

Result<void> InboxMemory::forget(const std::string& path) {
  EARFUL_ASSIGN(Statement drop, db_.prepare("DELETE FROM files WHERE path=?"));
  drop.bind_blob(1, path);
  return drop.run();
}

Result<void> InboxMemory::forget_gone(const std::string& inbox, WallTime now) {
  std::vector<std::string> gone;
  EARFUL_ASSIGN(Statement rows,
                db_.prepare("SELECT path FROM files WHERE inbox = ?1 AND (code <> '' OR at < ?2)"));
  rows.bind_blob(1, inbox).bind(2, ms_of(now - kKeepGoneFor));
  for (;;) {
    EARFUL_ASSIGN(const bool row, rows.step());
    if (!row) break;
    if (is_gone(rows.text(0))) gone.push_back(rows.text(0));
  }
  for (const std::string& path : gone) EARFUL_TRY(forget(path));
  return {};
}

Result<std::vector<std::string>> InboxMemory::refused_beside(const std::string& sidecar) {
  const std::string stem = fs::path(sidecar).replace_extension().string();
  // '/' follows '.': all names that begin with the stem and a dot.
  EARFUL_ASSIGN(Statement rows,
                db_.prepare("SELECT path FROM files WHERE path > ?1 AND path < ?2 AND code <> ''"));
  rows.bind_blob(1, stem + ".").bind_blob(2, stem + "/");
  std::vector<std::string> paths;
  for (;;) {
    EARFUL_ASSIGN(const bool row, rows.step());
    if (!row) return paths;
    if (sidecar_of(rows.text(0)) == sidecar) paths.push_back(rows.text(0));
  }
}

Result<uint64_t> InboxMemory::taken(const std::string& inbox) {
  EARFUL_ASSIGN(Statement count, db_.prepare("SELECT taken FROM counts WHERE inbox=?"));
  count.bind_blob(1, inbox);
  EARFUL_ASSIGN(const bool row, count.step());
  return row ? uint64_t(count.integer(0)) : uint64_t(0);
}

Result<uint64_t> InboxMemory::refused_count(const std::string& inbox) {
  EARFUL_ASSIGN(Statement count,
                db_.prepare("SELECT count(*) FROM files WHERE inbox=? AND code<>''"));
  count.bind_blob(1, inbox);
  EARFUL_ASSIGN(const bool row, count.step());
  return row ? uint64_t(count.integer(0)) : uint64_t(0);
}

Result<std::vector<RefusedFile>> InboxMemory::refused(const std::string& inbox, size_t limit) {
  EARFUL_ASSIGN(Statement rows,
                db_.prepare("SELECT path, code, message, at FROM files WHERE inbox=? AND code<>'' "
                            "ORDER BY at DESC LIMIT ?"));
  rows.bind_blob(1, inbox).bind(2, int64_t(limit));
  std::vector<RefusedFile> files;
  for (;;) {
    EARFUL_ASSIGN(const bool row, rows.step());
    if (!row) return files;
    files.push_back({rows.text(0), rows.text(1), rows.text(2), wall(rows.integer(3))});
  }
}

}  // namespace earful::agent
