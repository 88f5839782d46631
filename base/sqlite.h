// SQLite behind two nouns. One connection belongs to one thread. Errors: E_DB (code and text of
// SQLite in the message), E_DB_BUSY, E_DB_FULL, E_DB_CORRUPT, E_DB_IO.
//
//   EARFUL_ASSIGN(Database db, Database::open(path, {.durable = true}));
//   EARFUL_ASSIGN(Statement insert, db.prepare("INSERT INTO t VALUES(?1, ?2)"));
//   insert.bind(1, 42); insert.bind(2, "text"); EARFUL_TRY(insert.run());
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace earful {

class Statement {
 public:
  // Text and blobs are copied. Parameters count from 1, columns from 0.
  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind_text(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
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
  struct Close {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Close> handle_;
};

class Database {
 public:
  struct Options {
    bool read_only = false;
    bool durable =
        true;  // synchronous=FULL; otherwise NORMAL (may lose the last commits, never breaks)
    bool auto_checkpoint = true;
    std::chrono::milliseconds busy_timeout{5000};
    int cache_kib = 2000;
  };

  // Write-ahead log, foreign keys on, file mode 0600 when created. A read-only connection of a file
  // that does not exist is E_DB.
  static Result<Database> open(const std::filesystem::path& path, Options options);

  Result<Statement> prepare(std::string_view sql);
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

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace earful
