#include "base/sqlite.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

namespace earful {
namespace {

// Asks from another process, because a process does not see its own locks.
bool is_locked(const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    const int fd = ::open(path.c_str(), O_RDWR);
    ::_exit(::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string name = (std::filesystem::temp_directory_path() / "earful_sqlite_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~DatabaseTest() override { std::filesystem::remove_all(folder_); }

  Database open(Database::Options options = {}) { return Database::open(path(), options).value(); }
  std::filesystem::path path() const { return folder_ / "test.db"; }
  uintmax_t log_file_bytes() const { return std::filesystem::file_size(path().string() + "-wal"); }
  static int64_t count(Database& db) {
    Statement query = db.prepare("SELECT count(*) FROM t").value();
    EXPECT_TRUE(query.step().value());
    return query.integer(0);
  }

  std::filesystem::path folder_;
};

constexpr int64_t kLog = 1 << 20;
constexpr Database::Options kLongLog{.durable = false, .auto_checkpoint = false, .log_bytes = kLog};

TEST_F(DatabaseTest, AStatementPreparedAgainRemembersNoBinding) {
  Database db = open();
  ASSERT_TRUE(db.execute("CREATE TABLE t(x)").ok());
  const auto insert = [&] { return db.prepare("INSERT INTO t VALUES(?1)").value(); };
  ASSERT_TRUE(insert().bind_text(1, "secret").run().ok());
  ASSERT_TRUE(insert().run().ok());
  Statement query = db.prepare("SELECT x FROM t ORDER BY rowid DESC").value();
  ASSERT_TRUE(query.step().value());
  EXPECT_TRUE(query.is_null(0));
}

TEST_F(DatabaseTest, AStatementLeftInTheMiddleHoldsNoReadOpen) {
  Database db = open();
  ASSERT_TRUE(db.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1), (2)").ok());
  {
    Statement query = db.prepare("SELECT x FROM t ORDER BY x").value();
    ASSERT_TRUE(query.step().value());
  }
  Statement again = db.prepare("SELECT x FROM t ORDER BY x").value();
  ASSERT_TRUE(again.step().value());
  EXPECT_EQ(again.integer(0), 1);
  again.reset();
  EXPECT_TRUE(db.execute("DROP TABLE t").ok());  // refused while a statement reads it
}

TEST_F(DatabaseTest, OneTextPreparedTwiceIsTwoStatements) {
  Database db = open();
  ASSERT_TRUE(db.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1), (2)").ok());
  Statement first = db.prepare("SELECT x FROM t ORDER BY x").value();
  ASSERT_TRUE(first.step().value());
  Statement second = db.prepare("SELECT x FROM t ORDER BY x").value();
  ASSERT_TRUE(second.step().value());
  ASSERT_TRUE(first.step().value());
  EXPECT_EQ(first.integer(0), 2);
  EXPECT_EQ(second.integer(0), 1);
}

TEST_F(DatabaseTest, KeepsNoMoreStatementsThanItsLimit) {
  Database db = open();
  for (size_t i = 0; i < 3 * kMaxKeptStatements; ++i) {
    EXPECT_TRUE(db.prepare("SELECT " + std::to_string(i)).value().step().value());
    EXPECT_LE(db.kept_statements(), kMaxKeptStatements);
  }
  EXPECT_EQ(db.kept_statements(), kMaxKeptStatements);
}

TEST_F(DatabaseTest, AStatementMayOutliveItsConnection) {
  std::optional<Database> db = open();
  Statement query = db->prepare("SELECT 1").value();
  db.reset();
  EXPECT_TRUE(query.step().value());
}

TEST_F(DatabaseTest, ALogOfFullLengthNeitherGrowsNorShrinks) {
  Database db = open(kLongLog);
  EXPECT_EQ(log_file_bytes(), uintmax_t(kLog));
  ASSERT_TRUE(db.execute("CREATE TABLE t(x)").ok());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(db.execute("INSERT INTO t VALUES(zeroblob(3000))").ok());
    if (db.log_bytes() > kLog / 2) {
      ASSERT_TRUE(db.checkpoint().ok());
    }
    ASSERT_EQ(log_file_bytes(), uintmax_t(kLog));
  }
  EXPECT_EQ(count(db), 1000);
}

// A crash leaves the log as it is: frames, then the zeros never written over.
TEST_F(DatabaseTest, ZerosBehindTheLastFrameAreNoFrames) {
  Database db = open(kLongLog);
  ASSERT_TRUE(db.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1)").ok());
  const auto copy = folder_ / "copy.db";
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy(path().string() + suffix, copy.string() + suffix);
  }
  Database after = Database::open(copy, kLongLog).value();
  EXPECT_EQ(count(after), 1);
  ASSERT_TRUE(after.execute("INSERT INTO t VALUES(2)").ok());
  EXPECT_EQ(count(after), 2);
}

TEST_F(DatabaseTest, MakingTheLogLongerSparesWhatAnotherConnectionWrote) {
  Database first = open({.auto_checkpoint = false});
  ASSERT_TRUE(first.execute("CREATE TABLE t(x); INSERT INTO t VALUES(1)").ok());
  Database second = open(kLongLog);
  ASSERT_TRUE(first.execute("INSERT INTO t VALUES(2)").ok());
  EXPECT_EQ(count(second), 2);
  EXPECT_EQ(log_file_bytes(), uintmax_t(kLog));
}

// An import beside a station found the index malformed: the station's second connection had dropped
// the locks of its first, so the import took itself for the only one and removed the log.
TEST(Database, KeepsItsLocksWhenTheSameProcessOpensTheFileAgain) {
  const auto path =
      std::filesystem::temp_directory_path() / ("earful_sqlite_" + std::to_string(::getpid()));
  auto first = Database::open(path, {});
  ASSERT_TRUE(first.ok()) << first.error().message;
  ASSERT_TRUE(first->execute("CREATE TABLE t(x)").ok());
  EXPECT_TRUE(is_locked(path));
  auto second = Database::open(path, {});
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_TRUE(is_locked(path));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
}

}  // namespace
}  // namespace earful
