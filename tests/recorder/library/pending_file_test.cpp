#include "recorder/library/pending_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

class PendingFileTest : public testing::Test {
 protected:
  PendingFileTest() {
    std::string pattern = testing::TempDir() + "pendingXXXXXX";
    EARFUL_CHECK(mkdtemp(pattern.data()) != nullptr);
    dir_ = pattern;
  }
  ~PendingFileTest() override { fs::remove_all(dir_); }
  int files() const {
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(dir_))
      count += entry.is_regular_file();
    return count;
  }
  fs::path dir_;
};

TEST_F(PendingFileTest, IsThereOnlyAfterTheCommit) {
  const fs::path path = dir_ / "ab" / "call";
  PendingFile file = PendingFile::create(path).value();
  ASSERT_TRUE(file.write(std::string(200'000, 'x')).ok());
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(file.commit().ok());
  EXPECT_EQ(fs::file_size(path), 200'000u);
  EXPECT_EQ(files(), 1);
}

TEST_F(PendingFileTest, LeavesNothingWhenItIsLetGo) {
  {
    PendingFile file = PendingFile::create(dir_ / "ab" / "call").value();
    ASSERT_TRUE(file.write(std::string(200'000, 'x')).ok());
    EXPECT_EQ(files(), 1);
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(PendingFileTest, SaysWhereItCannotWrite) {
  EXPECT_EQ(PendingFile::create("/proc/no/call").error().code, "E_DISK");
}

TEST_F(PendingFileTest, SweepsWhatACrashLeftADayAgo) {
  std::ofstream(dir_ / "old.part") << "x";
  std::ofstream(dir_ / "new.part") << "x";
  std::ofstream(dir_ / "old.opus") << "x";
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(25);
  fs::last_write_time(dir_ / "old.part", long_ago);
  fs::last_write_time(dir_ / "old.opus", long_ago);
  sweep_pending_files(dir_);
  EXPECT_FALSE(fs::exists(dir_ / "old.part"));
  EXPECT_EQ(files(), 2);
}

}  // namespace
}  // namespace earful::recorder
