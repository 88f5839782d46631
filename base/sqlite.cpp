#include "base/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace earful {
namespace {

Error describe(sqlite3* handle, std::string_view doing, int code) {
  const int primary = code & 0xff;
  const char* name = "E_DB";
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) name = "E_DB_BUSY";
  if (primary == SQLITE_FULL) name = "E_DB_FULL";
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) name = "E_DB_CORRUPT";
  if (primary == SQLITE_IOERR || primary == SQLITE_READONLY || primary == SQLITE_CANTOPEN) {
    name = "E_DB_IO";
  }
  const char* file = handle ? sqlite3_db_filename(handle, "main") : nullptr;
  std::string message = std::string(doing);
  if (file && *file) message += std::string(" in ") + file;
  message += std::string(": ") + (handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
  return {name, message};
}

constexpr int64_t kPageBytes = 4096;  // SQLite's default, which no file of ours changes

int note_log_pages(void* count, sqlite3*, const char*, int pages) {
  *static_cast<int*>(count) = pages;
  return SQLITE_OK;
}

}  // namespace

// What waits to be prepared again. Owned by the connection and by every statement that is out.
class KeptStatements {
 public:
  KeptStatements() { idle_.reserve(kMaxKeptStatements); }
  ~KeptStatements() {
    for (sqlite3_stmt* statement : idle_) sqlite3_finalize(statement);
  }
  KeptStatements(const KeptStatements&) = delete;
  KeptStatements& operator=(const KeptStatements&) = delete;

  // Null where none waits.
  sqlite3_stmt* take(std::string_view sql) {
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](sqlite3_stmt* statement) {
      return sql == sqlite3_sql(statement);
    });
    if (found == idle_.rend()) return nullptr;
    sqlite3_stmt* statement = *found;
    idle_.erase(std::prev(found.base()));
    return statement;
  }

  void put(sqlite3_stmt* statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (idle_.size() == kMaxKeptStatements) {
      sqlite3_finalize(idle_.front());
      idle_.erase(idle_.begin());
    }
    idle_.push_back(statement);
  }

  size_t size() const { return idle_.size(); }

 private:
  std::vector<sqlite3_stmt*> idle_;  // longest idle first
};

void Statement::Keep::operator()(sqlite3_stmt* statement) const {
  if (home) home->put(statement);
}

Statement& Statement::bind(int parameter, int64_t value) {
  sqlite3_bind_int64(handle_.get(), parameter, value);
  return *this;
}
Statement& Statement::bind(int parameter, double value) {
  sqlite3_bind_double(handle_.get(), parameter, value);
  return *this;
}
Statement& Statement::bind_text(int parameter, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), parameter, text.data() ? text.data() : "", text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), parameter, bytes.data() ? bytes.data() : "", bytes.size(),
                      SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind_blob_in_place(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), parameter, bytes.data() ? bytes.data() : "", bytes.size(),
                      SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(handle_.get(), parameter);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  Error error = describe(sqlite3_db_handle(handle_.get()), "running a statement", code);
  sqlite3_reset(handle_.get());
  return error;
}

Result<void> Statement::run() {
  EARFUL_ASSIGN(const bool row, step());
  if (row) reset();
  return {};
}

void Statement::reset() { sqlite3_reset(handle_.get()); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}
int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }
std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return data ? std::string_view(static_cast<const char*>(data), size_t(size)) : std::string_view();
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Result<Database> Database::open(const std::filesystem::path& path, Options options) {
  if (!options.read_only) {
    // SQLite gives its -wal and -shm files the mode of the database itself. O_EXCL: a file that is
    // there must not be touched, because closing it would drop the locks that another connection of
    // this process holds on it (fcntl), and with them the protection from other processes.
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);
  }
  // Before the first connection: counting every allocation takes a lock that all threads share.
  static const bool uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
  (void)uncounted;
  sqlite3* raw = nullptr;
  const int flags =
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db;
  db.handle_.reset(raw);
  if (code != SQLITE_OK) return describe(raw, "opening " + path.string(), code);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, int(options.busy_timeout.count()));
  EARFUL_TRY(db.execute("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-" +
                        std::to_string(options.cache_kib)));
  if (!options.read_only) {
    EARFUL_TRY(db.execute("PRAGMA journal_mode=WAL"));
    EARFUL_TRY(
        db.execute(options.durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
    if (!options.auto_checkpoint) {
      db.log_pages_ = std::make_unique<int>(0);
      sqlite3_wal_hook(raw, &note_log_pages, db.log_pages_.get());
    }
  }
  db.kept_ = std::make_shared<KeptStatements>();
  if (options.log_bytes > 0) {
    EARFUL_CHECK(!options.auto_checkpoint && !options.read_only);
    EARFUL_TRY(db.lengthen_log(options.log_bytes));
  }
  return db;
}

// Zeros behind the last frame are no frames: a reader of the log ends there as at any torn tail.
Result<void> Database::lengthen_log(int64_t bytes) {
  sqlite3* db = handle_.get();
  // Opens the log, and no other connection can write to it meanwhile.
  EARFUL_TRY(begin());
  const auto write_zeros = [&]() -> int {
    sqlite3_file* log = nullptr;
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code != SQLITE_OK || !log || !log->pMethods) return code;
    sqlite3_int64 size = 0;
    code = log->pMethods->xFileSize(log, &size);
    const std::string zeros(size_t(16 * kPageBytes), '\0');  // its file layer takes under 128 KiB
    while (code == SQLITE_OK && size < bytes) {
      const auto count = std::min<sqlite3_int64>(bytes - size, sqlite3_int64(zeros.size()));
      code = log->pMethods->xWrite(log, zeros.data(), int(count), size);
      size += count;
    }
    return code == SQLITE_OK ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : code;
  };
  const int code = write_zeros();
  rollback();
  // A full disk is for the first commit to meet: it can say what was not saved.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_FULL) {
    const std::string file = sqlite3_db_filename(db, "main");
    return describe(nullptr, "making the log of " + file + " longer", code);
  }
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  Statement statement;
  statement.handle_.get_deleter().home = kept_;
  if (sqlite3_stmt* waiting = kept_->take(sql)) {
    statement.handle_.reset(waiting);
    return statement;
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), int(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return describe(handle_.get(), "preparing a statement", code);
  statement.handle_.reset(raw);
  return statement;
}

size_t Database::kept_statements() const { return kept_->size(); }

Result<void> Database::execute(std::string_view sql) {
  const int code = sqlite3_exec(handle_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return describe(handle_.get(), "running a statement", code);
  return {};
}

Result<void> Database::begin() {
  EARFUL_ASSIGN(Statement statement, prepare("BEGIN IMMEDIATE"));
  return statement.run();
}

Result<void> Database::commit() {
  const auto write = [&]() -> Result<void> {
    EARFUL_ASSIGN(Statement statement, prepare("COMMIT"));
    return statement.run();
  };
  auto done = write();
  if (!done.ok()) rollback();
  return done;
}

void Database::rollback() {
  if (sqlite3_get_autocommit(handle_.get()) == 0) {
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

int64_t Database::log_bytes() const { return log_pages_ ? *log_pages_ * kPageBytes : 0; }

int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_.get()); }
int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

Result<int64_t> Database::data_version() {
  EARFUL_ASSIGN(Statement query, prepare("PRAGMA data_version"));
  EARFUL_ASSIGN(const bool row, query.step());
  EARFUL_CHECK(row);
  return query.integer(0);
}

Result<void> Database::checkpoint() {
  int in_log = 0, written_back = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &in_log, &written_back);
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    return describe(handle_.get(), "checkpointing", code);
  }
  if (log_pages_ && code == SQLITE_OK && written_back == in_log) *log_pages_ = 0;
  return {};
}

}  // namespace earful
