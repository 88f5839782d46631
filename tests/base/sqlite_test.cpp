#include "base/sqlite.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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
