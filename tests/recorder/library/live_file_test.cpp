#include "recorder/library/live_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <future>

#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

const CallNote kGap{CallNote::Kind::kGap, 1, 57600, 63385, "overflow", true, 964};

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A disk under a file: says when it was asked to sync, and fails when told.
struct Disk {
  std::promise<void> asked;
  std::atomic<int> asks{0};
  std::atomic<int> fault{0};

  LiveFile::SyncCall call() {
    return [this](int) {
      if (asks++ == 0) asked.set_value();
      errno = fault;
      return fault ? -1 : 0;
    };
  }
};

class LiveFileTest : public testing::Test {
 protected:
  LiveFileTest() { call_.id.bytes[0] = 0xab; }

  void begin(LiveFile::SyncCall sync = {}) {
    auto made = LiveFile::create(library_, call_.id, std::move(sync));
    ASSERT_TRUE(made.ok()) << made.error().message;
    file_ = std::move(*made);
    ASSERT_TRUE(library_.begin_live(call_).ok());
  }
  fs::path live() const { return library_.live_path(call_.id); }
  fs::path notes() const { return library_.notes_path(call_.id); }

  TemporaryFolder folder_;
  Library library_ = Library::open(folder_.path() / "library").value();
  Call call_;
  std::unique_ptr<LiveFile> file_;
};

TEST_F(LiveFileTest, AppendsAtOnceForWhoeverReads) {
  begin();
  ASSERT_TRUE(file_->write("one").ok());
  EXPECT_EQ(bytes_of(live()), "one");
  ASSERT_TRUE(file_->write("two").ok());
  EXPECT_EQ(bytes_of(live()), "onetwo");
  ASSERT_TRUE(file_->note(kGap).ok());
  EXPECT_EQ(bytes_of(notes()), note_json(kGap) + "\n");
}

TEST_F(LiveFileTest, BecomesACallOfTheLibrary) {
  begin();
  ASSERT_TRUE(file_->write("audio").ok());
  ASSERT_TRUE(file_->note(kGap).ok());
  Peaks peaks;
  peaks.values = {-1, 1};
  call_.duration = 960;
  call_.notes = {kGap};
  ASSERT_TRUE(file_->keep(library_, call_, peaks).ok());
  EXPECT_EQ(bytes_of(library_.audio_path(call_.id)), "audio");
  EXPECT_EQ(read_peaks(library_.peaks_path(call_.id))->values, peaks.values);
  EXPECT_FALSE(fs::exists(live()) || fs::exists(notes()));
  const Call kept = library_.find(call_.id).value().value();
  EXPECT_FALSE(kept.live);
  EXPECT_EQ(kept.duration, 960);
}

TEST_F(LiveFileTest, LeavesNothingOfACallThatIsDropped) {
  begin();
  ASSERT_TRUE(file_->drop(library_).ok());
  EXPECT_FALSE(fs::exists(live()) || fs::exists(notes()));
  EXPECT_EQ(library_.count().value(), 0);
}

TEST_F(LiveFileTest, LeavesBothFilesToARepairWhenLetGo) {
  begin();
  ASSERT_TRUE(file_->write("audio").ok());
  file_.reset();
  EXPECT_EQ(bytes_of(live()), "audio");
  EXPECT_TRUE(fs::exists(notes()));
  EXPECT_TRUE(library_.find(call_.id).value()->live);
}

TEST_F(LiveFileTest, IsLockedUntilItIsLetGo) {
  begin();
  const int other = open(live().c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_NE(flock(other, LOCK_EX | LOCK_NB), 0);
  file_.reset();
  EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
  close(other);
}

TEST_F(LiveFileTest, RefusesAFileThatIsThere) {
  begin();
  EXPECT_EQ(LiveFile::create(library_, call_.id).error().code, "E_DISK");
}

TEST_F(LiveFileTest, IsSyncedWhileWhoWritesGoesOn) {
  Disk disk;
  begin(disk.call());
  ASSERT_TRUE(file_->write("page").ok());
  disk.asked.get_future().wait();
  while (file_->synced_bytes() == 0) std::this_thread::yield();
  EXPECT_EQ(file_->synced_bytes(), 4);
}

TEST_F(LiveFileTest, WritesOnWhileTheDiskHangs) {
  std::promise<void> asked, go_on;
  begin([&, first = true](int) mutable {
    if (std::exchange(first, false)) {
      asked.set_value();
      go_on.get_future().wait();
    }
    return 0;
  });
  ASSERT_TRUE(file_->write("page").ok());
  asked.get_future().wait();
  for (int page = 0; page < 50; ++page) ASSERT_TRUE(file_->write("page").ok());
  EXPECT_EQ(file_->synced_bytes(), 0);
  go_on.set_value();
}

TEST_F(LiveFileTest, ASyncThatFailedIsFinal) {
  Disk disk;
  disk.fault = EIO;
  begin(disk.call());
  ASSERT_TRUE(file_->write("page").ok());
  disk.asked.get_future().wait();
  Result<void> wrote;
  while ((wrote = file_->write("")).ok()) std::this_thread::yield();
  EXPECT_EQ(wrote.error().code, "E_DISK");
  disk.fault = 0;
  EXPECT_EQ(file_->keep(library_, call_, {}).error().code, "E_DISK");
  EXPECT_EQ(disk.asks, 1);
  EXPECT_TRUE(library_.find(call_.id).value()->live);
}

TEST_F(LiveFileTest, KeepsWholePagesWhenTheDiskIsFull) {
  begin();
  ASSERT_TRUE(file_->write("whole").ok());
  // A file that may grow to eight bytes stands in for a full disk: the first three of the page fit.
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{8, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto wrote = file_->write("another");
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(wrote.error().code, "E_DISK");
  EXPECT_EQ(bytes_of(live()), "whole");
}

}  // namespace
}  // namespace earful::recorder
