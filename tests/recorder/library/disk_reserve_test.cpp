#include "recorder/library/disk_reserve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/sqlite.h"
#include "recorder/library/live_file.h"
#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;
using Room = DiskReserve::Room;

constexpr DiskLimits kSmall = {.reserve_bytes = 1 << 20,
                               .record_bytes = 2 << 20,
                               .import_bytes = 3 << 20,
                               .commit_bytes = 1 << 19};

// A disk of eight megabytes.
class DiskReserveTest : public testing::Test {
 protected:
  void SetUp() override {
    mounted_ = mount("tmpfs", disk().c_str(), "tmpfs", 0, "size=8m,mode=0700") == 0;
    if (!mounted_) GTEST_SKIP() << "mounting a small disk: " << std::strerror(errno);
  }
  void TearDown() override {
    library_.reset();
    if (mounted_) umount2(disk().c_str(), MNT_DETACH);
  }
  fs::path disk() const { return folder_.path(); }
  Room look() { return reserve_.look().value(); }
  // Until so many bytes are free, by somebody else.
  void fill(int64_t free) {
    const auto now = int64_t(fs::space(disk()).available);
    ASSERT_GE(now, free);
    const std::string bytes(size_t(now - free), 'x');
    std::ofstream(disk() / "other", std::ios::binary | std::ios::app) << bytes;
  }

  TemporaryFolder folder_;
  bool mounted_ = false;
  std::optional<Library> library_;
  DiskReserve reserve_{folder_.path(), kSmall};
};

TEST_F(DiskReserveTest, IsHeldWhileThereIsRoom) {
  EXPECT_EQ(look(), Room::kEnough);
  EXPECT_TRUE(reserve_.held());
  EXPECT_LE(fs::space(disk()).available, uintmax_t(7 << 20));
}

TEST_F(DiskReserveTest, EndsRecordingBeforeTheDiskIsFullAndStaysHeld) {
  EXPECT_EQ(look(), Room::kEnough);
  fill(kSmall.record_bytes - 4096);
  EXPECT_EQ(look(), Room::kLow);
  EXPECT_TRUE(reserve_.held());
}

TEST(DiskLimits, AreLessOnASmallDisk) {
  EXPECT_EQ(limits_of_disk(int64_t{1} << 40).record_bytes, 64 << 20);
  const DiskLimits small = limits_of_disk(24 << 20);
  EXPECT_EQ(small.record_bytes, 3 << 20);
  EXPECT_LT(small.commit_bytes, small.reserve_bytes);
  EXPECT_LT(small.reserve_bytes, small.record_bytes);
  EXPECT_LT(small.record_bytes, small.import_bytes);
}

TEST_F(DiskReserveTest, EndsImportsBeforeRecordingAndHoldsNothingBackForThem) {
  EXPECT_TRUE(reserve_.require_room_to_import().ok());
  EXPECT_FALSE(reserve_.held());
  fill(kSmall.import_bytes);
  EXPECT_EQ(reserve_.require_room_to_import().error().code, "E_DISK_FULL")
      << "nothing is held back";
  EXPECT_EQ(look(), Room::kEnough);
  EXPECT_EQ(reserve_.require_room_to_import().error().code, "E_DISK_FULL");
}

TEST_F(DiskReserveTest, IsGivenUpWhenCommitsNeedItAndMadeAgain) {
  EXPECT_EQ(look(), Room::kEnough);
  fill(0);
  EXPECT_EQ(look(), Room::kLow);
  EXPECT_FALSE(reserve_.held());
  EXPECT_GE(fs::space(disk()).available, uintmax_t(kSmall.reserve_bytes));
  EXPECT_EQ(look(), Room::kLow);  // and not made again of what it gave
  EXPECT_FALSE(reserve_.held());
  fs::remove(disk() / "other");
  EXPECT_EQ(look(), Room::kEnough);
  EXPECT_TRUE(reserve_.held());
}

TEST_F(DiskReserveTest, LetsATagCommitOnAFullDisk) {
  Database db = Database::open(disk() / "journal.db", {}).value();
  ASSERT_TRUE(db.execute("CREATE TABLE tags(text)").ok());
  EXPECT_EQ(look(), Room::kEnough);
  fill(0);
  const std::string tag = "INSERT INTO tags VALUES(randomblob(20000))";
  EXPECT_EQ(db.execute(tag).error().code, "E_DB_FULL");
  EXPECT_TRUE(reserve_.give_up());
  EXPECT_TRUE(db.execute(tag).ok());
}

TEST_F(DiskReserveTest, LetsACallEndThatTheFullDiskStopped) {
  library_.emplace(Library::open(disk() / "library").value());
  Call call;
  call.id.bytes[0] = 0xab;
  auto live = LiveFile::create(*library_, call.id).value();
  ASSERT_TRUE(library_->begin_live(call).ok());
  EXPECT_EQ(look(), Room::kEnough);
  ASSERT_TRUE(live->write(std::string(3000, 'p')).ok());
  fill(0);
  Result<void> wrote;
  while ((wrote = live->write(std::string(3000, 'p'))).ok()) {
  }
  EXPECT_EQ(wrote.error().code, "E_DISK_FULL");
  EXPECT_EQ(fs::file_size(live->path()) % 3000, 0u);
  EXPECT_FALSE(live->keep(*library_, call, {}).ok());
  EXPECT_TRUE(fs::exists(live->path()));
  EXPECT_TRUE(reserve_.give_up());
  EXPECT_TRUE(live->keep(*library_, call, {}).ok());
  EXPECT_FALSE(library_->find(call.id).value()->live);
}

TEST(DiskReserve, SaysWhereItCannotLook) {
  EXPECT_EQ(DiskReserve("/no/such/folder").look().error().code, "E_DISK");
}

}  // namespace
}  // namespace earful::recorder
