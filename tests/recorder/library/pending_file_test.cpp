#include "recorder/library/pending_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <fstream>
#include <thread>

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

TEST_F(PendingFileTest, IsThereWithAnotherAfterTheCommitOfBoth) {
  PendingFile audio = PendingFile::create(dir_ / "ab" / "call.opus").value();
  PendingFile peaks = PendingFile::create(dir_ / "ab" / "call.peaks").value();
  ASSERT_TRUE(audio.write(std::string(200'000, 'x')).ok());
  ASSERT_TRUE(peaks.write("peaks").ok());
  ASSERT_TRUE(PendingFile::commit_both(audio, peaks).ok());
  EXPECT_EQ(fs::file_size(dir_ / "ab" / "call.opus"), 200'000u);
  EXPECT_EQ(fs::file_size(dir_ / "ab" / "call.peaks"), 5u);
  EXPECT_EQ(files(), 2);
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

TEST_F(PendingFileTest, SweepsWhatACrashLeftAndNothingElse) {
  std::ofstream(dir_ / "left.opus.1.part") << "x";
  std::ofstream(dir_ / "call.opus") << "x";
  PendingFile file = PendingFile::create(dir_ / "ab" / "call").value();
  sweep_pending_files(dir_);
  EXPECT_FALSE(fs::exists(dir_ / "left.opus.1.part"));
  EXPECT_EQ(files(), 2);
  ASSERT_TRUE(file.commit().ok()) << "it was being written";
  EXPECT_TRUE(fs::exists(dir_ / "ab" / "call"));
}

// The sweep is of another process, and comes between the making and the lock whenever it can.
TEST_F(PendingFileTest, IsWrittenBesideASweep) {
  std::atomic<bool> stop = false;
  std::thread sweep([&] {
    while (!stop) sweep_pending_files(dir_);
  });
  for (int number = 0; number < 200; ++number) {
    auto file = PendingFile::create(dir_ / "ab" / std::to_string(number));
    EXPECT_TRUE(file.ok() && file->commit().ok()) << number;
  }
  stop = true;
  sweep.join();
  EXPECT_EQ(files(), 200);
}

}  // namespace
}  // namespace earful::recorder
