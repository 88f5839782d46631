#include "collector/setup/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

class SecretFileTest : public testing::Test {
 protected:
  std::string code(const Result<std::string>& result) {
    return result.ok() ? "" : result.error().code;
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "secret";
};

TEST_F(SecretFileTest, IsForItsOwnerAlone) {
  ASSERT_TRUE(write_secret_file(path_, "content", false).ok());
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(*read_secret_file(path_), "content");
}

TEST_F(SecretFileTest, IsNeverOverwrittenUnasked) {
  ASSERT_TRUE(write_secret_file(path_, "first", false).ok());
  EXPECT_EQ(write_secret_file(path_, "second", false).error().code, "E_EXISTS");
  EXPECT_EQ(*read_secret_file(path_), "first");
  EXPECT_TRUE(write_secret_file(path_, "second", true).ok());
}

TEST_F(SecretFileTest, IsRefusedWhereOthersCanReadIt) {
  ASSERT_TRUE(write_secret_file(path_, "content", false).ok());
  chmod(path_.c_str(), 0640);
  EXPECT_EQ(code(read_secret_file(path_)), "E_SECRET_FILE");
}

TEST_F(SecretFileTest, IsNoLinkFolderOrFifo) {
  ASSERT_TRUE(write_secret_file(path_, "content", false).ok());
  std::filesystem::create_symlink(path_, folder_.path() / "link");
  EXPECT_EQ(code(read_secret_file(folder_.path() / "link")), "E_SECRET_FILE");
  EXPECT_EQ(code(read_secret_file(folder_.path())), "E_SECRET_FILE");
  ASSERT_EQ(mkfifo((folder_.path() / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(code(read_secret_file(folder_.path() / "fifo")), "E_SECRET_FILE");
}

TEST_F(SecretFileTest, IsSmall) {
  ASSERT_TRUE(write_secret_file(path_, std::string(kMaxSecretFileBytes + 1, 'x'), false).ok());
  EXPECT_EQ(code(read_secret_file(path_)), "E_FILE");
}

}  // namespace
}  // namespace earful::collector
