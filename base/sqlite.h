// SQLite behind two nouns. One connection belongs to one thread. Errors: E_DB (code and text of
// SQLite in the message), E_DB_BUSY, E_DB_FULL, E_DB_CORRUPT, E_DB_IO.
//
//   EARFUL_ASSIGN(Database db, Database::open(path, {.durable = true}));
//   EARFUL_ASSIGN(Statement insert, db.prepare("INSERT INTO t VALUES(?1, ?2)"));
//   insert.bind(1, 42); insert.bind(2, "text"); EARFUL_TRY(insert.run());
//
// Compiling a small statement takes longer than running it, so a connection keeps what it compiled:
// a Statement that goes out of scope is reset, its bindings are cleared, and it waits for whoever
// prepares the same text next.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace earful {

// Statements a connection keeps; more than any of ours has, and a few kilobytes each.
inline constexpr size_t kMaxKeptStatements = 48;

class KeptStatements;

class Statement {
 public:
  // Text and blobs are copied. Parameters count from 1, columns from 0.
  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind_text(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
  // Not copied: must stay until the statement has run.
  Statement& bind_blob_in_place(int parameter, std::string_view bytes);
  Statement& bind_null(int parameter);

  // True while there is a row. After the last row the statement is ready to run again.
  Result<bool> step();
  // For statements without rows; ready to run again afterwards.
  Result<void> run();
  // Forgets rows not read; bindings stay.
  void reset();

  bool is_null(int column) const;
  int64_t integer(int column) const;
  double real(int column) const;
  // Valid until the next step or reset.
  std::string_view bytes(int column) const;
  std::string text(int column) const { return std::string(bytes(column)); }

 private:
  friend class Database;
  struct Keep {
    std::shared_ptr<KeptStatements> home;
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Keep> handle_;
};

class Database {
 public:
  struct Options {
    bool read_only = false;
    bool durable =
        true;  // synchronous=FULL; otherwise NORMAL (may lose the last commits, never breaks)
    bool auto_checkpoint = true;
    std::chrono::milliseconds busy_timeout{5000};
    int cache_kib = 400;  // pages kept in memory; more only where a benchmark shows it
    // The log's file is made this long at once. A sync that need not write the file's new length
    // down takes half the time; the log is used from its beginning again after a checkpoint, so who
    // checkpoints in time never makes it longer. Needs auto_checkpoint off.
    int64_t log_bytes = 0;
  };

  // Write-ahead log, foreign keys on, file mode 0600 when created. A read-only connection of a file
  // that does not exist is E_DB.
  static Result<Database> open(const std::filesystem::path& path, Options options);

  Result<Statement> prepare(std::string_view sql);
  size_t kept_statements() const;
  // Any number of statements, no rows.
  Result<void> execute(std::string_view sql);

  // BEGIN IMMEDIATE ... COMMIT; a failed commit is rolled back.
  Result<void> begin();
  Result<void> commit();
  void rollback();

  int64_t last_insert_rowid() const;
  int64_t changes() const;
  // Changes when another connection has committed.
  Result<int64_t> data_version();
  Result<void> checkpoint();
  // How much of the log waits to be written back, as of this connection's last commit or
  // checkpoint; 0 with auto_checkpoint.
  int64_t log_bytes() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Result<void> lengthen_log(int64_t bytes);

  std::unique_ptr<sqlite3, Close> handle_;
  std::shared_ptr<KeptStatements> kept_;  // goes before the handle
  std::unique_ptr<int> log_pages_;        // SQLite writes it
};

}  // namespace earful
