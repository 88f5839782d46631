#include "collector/store/backup.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "collector/store/verify.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

namespace fs = std::filesystem;

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    fs::create_directory(folder_.root);
    deliver();
  }
  // One more tag.
  void deliver() {
    auto store = Store::open(folder_.store());
    station_.tag();
    const NewRow row{key_, station_.rows.size(), station_.rows.back()};
    ASSERT_TRUE(store->append(std::vector{row}, kNoon).ok());
  }
  std::string restore_code(bool force = false) {
    const auto done = restore(folder_, copy_, force);
    return done.ok() ? "" : done.error().code;
  }
  uint64_t records() { return verify_store(folder_.store())->records; }

  TemporaryFolder temporary_;
  DataFolder folder_{temporary_.path() / "data"};
  fs::path copy_ = temporary_.path() / "copy";
  FakeStation station_;
  JournalKey key_{station_.id, station_.journal};
};

TEST_F(BackupTest, PutsBackWhatItCopiedUnderANewEpoch) {
  const auto done = back_up(folder_, copy_);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(done->head.feed_seq, 1u);
  deliver();
  EXPECT_EQ(restore_code(), "");
  EXPECT_EQ(records(), 1u);
  EXPECT_NE(verify_store(folder_.store())->head.store_epoch, done->head.store_epoch);
  EXPECT_TRUE(verify_store(folder_.store())->damage.empty());
}

TEST_F(BackupTest, CopiesBesideAWriter) {
  auto store = Store::open(folder_.store());
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  EXPECT_EQ(restore(DataFolder{temporary_.path()}, copy_, false)->head.feed_seq, 1u);
}

TEST_F(BackupTest, KeepsACopyForItsOwnerAlone) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  struct stat info;
  ASSERT_EQ(stat((copy_ / "store.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(fs::exists(copy_ / "keys.db"));
}

TEST_F(BackupTest, NeverOverwrites) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  EXPECT_EQ(back_up(folder_, copy_).error().code, "E_EXISTS");
}

TEST_F(BackupTest, RefusesATruncatedCopy) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  fs::resize_file(copy_ / "store.db", fs::file_size(copy_ / "store.db") - 4096);
  EXPECT_EQ(restore_code(), "E_BACKUP_TRUNCATED");
  EXPECT_EQ(records(), 1u);
}

TEST_F(BackupTest, RefusesAChangedCopy) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  std::fstream(copy_ / "store.db", std::ios::in | std::ios::out | std::ios::binary)
      .seekp(5000)
      .put('!');
  EXPECT_EQ(restore_code(), "E_BACKUP_TRUNCATED");
}

TEST_F(BackupTest, RefusesACopyWithoutManifest) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  fs::remove(copy_ / "manifest.json");
  EXPECT_EQ(restore_code(), "E_BACKUP_MANIFEST");
}

TEST_F(BackupTest, RefusesACopyThatContainsKeys) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  std::ofstream(copy_ / "keys.db") << "keys";
  EXPECT_EQ(restore_code(), "E_BACKUP_KEYS");
}

TEST_F(BackupTest, RefusesTheCopyOfAnotherStoreUnlessForced) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  fs::remove(folder_.store());
  ASSERT_TRUE(Store::open(folder_.store()).ok());
  EXPECT_EQ(restore_code(), "E_BACKUP_STORE");
  EXPECT_EQ(restore_code(true), "");
  EXPECT_EQ(records(), 1u);
}

TEST_F(BackupTest, ReplacesAStoreThatCannotBeRead) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  std::ofstream(folder_.store(), std::ios::trunc) << "not a database at all, but long enough text";
  EXPECT_EQ(restore_code(), "");
  EXPECT_EQ(records(), 1u);
}

TEST_F(BackupTest, RefusesWhileSomebodyServes) {
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  const auto lock = folder_.take();
  EXPECT_EQ(restore_code(), "E_LOCKED");
}

TEST_F(BackupTest, LetsStationsDeleteWhatEveryKeptBackupHolds) {
  EXPECT_TRUE(safe_seqs_of_backups(folder_).empty());
  ASSERT_TRUE(back_up(folder_, copy_).ok());
  deliver();
  const fs::path later = temporary_.path() / "later";
  ASSERT_TRUE(back_up(folder_, later).ok());
  EXPECT_EQ(safe_seqs_of_backups(folder_)[key_], 1u);
  fs::remove_all(copy_);
  EXPECT_EQ(safe_seqs_of_backups(folder_)[key_], 2u);
  fs::remove_all(later);
  EXPECT_TRUE(safe_seqs_of_backups(folder_).empty());
}

}  // namespace
}  // namespace earful::collector
