#include "base/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace earful {
namespace {

using std::chrono::seconds;

// What stands in for systemd: a socket and what came in on it.
class ServiceManagerTest : public testing::Test {
 protected:
  void SetUp() override {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (dir_.path() / "notify").string();
    std::memcpy(address.sun_path, path.data(), path.size());
    ASSERT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
  }
  void TearDown() override { ::close(fd_); }

  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    char bytes[512];
    for (ssize_t got; (got = ::recv(fd_, bytes, sizeof bytes, 0)) >= 0;) {
      lines.emplace_back(bytes, size_t(got));
    }
    return lines;
  }

  TemporaryFolder dir_;
  int fd_ = -1;
};

TEST_F(ServiceManagerTest, IsToldWhatHappensAndAStatusOnlyWhenItChanged) {
  ServiceManager manager;
  EXPECT_TRUE(manager.present());
  manager.ready();
  manager.status("all delivered");
  manager.status("all delivered");
  manager.stopping();
  EXPECT_THAT(told(), testing::ElementsAre("READY=1", "STATUS=all delivered", "STOPPING=1"));
}

TEST_F(ServiceManagerTest, IsToldOfLifeThreeTimesBeforeItWouldActAndNotEachTime) {
  ServiceManager manager;
  const SteadyTime begin(seconds(1000));
  for (int second = 0; second < 30; ++second) manager.alive(begin + seconds(second));
  EXPECT_THAT(told(), testing::ElementsAre("WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"));
}

TEST_F(ServiceManagerTest, NoChildFindsIt) {
  ServiceManager manager;
  EXPECT_EQ(getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(getenv("WATCHDOG_USEC"), nullptr);
  ServiceManager another;
  EXPECT_FALSE(another.present());
  another.ready();
  EXPECT_THAT(told(), testing::IsEmpty());
}

TEST(Credential, IsAFileThatWasHandedOver) {
  TemporaryFolder dir;
  setenv("CREDENTIALS_DIRECTORY", dir.path().c_str(), 1);
  EXPECT_FALSE(credential("earful.invite"));
  const auto file = dir.write("earful.invite", "a line");
  EXPECT_EQ(credential("earful.invite"), file);
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_FALSE(credential("earful.invite"));
}

}  // namespace
}  // namespace earful
