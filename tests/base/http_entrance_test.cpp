#include "base/http_entrance.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/http_server.h"
#include "base/tls_files.h"
#include "base/unix_listener.h"
#include "tests/base/http_client.h"
#include "tests/base/tls_pair.h"

namespace earful {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const WallTime kNow = *parse_rfc3339("2027-01-01T00:00:00Z");

std::string fault_of(std::string_view origin) {
  const auto parsed = parse_public_origin(origin);
  return parsed.ok() ? "" : parsed.error().code;
}

TEST(PublicOrigin, IsWhatABrowserSends) {
  const auto plain = parse_public_origin("https://Earful.Example.com");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->authority, "earful.example.com");
  EXPECT_EQ(plain->port, 443);
  const auto other = parse_public_origin("https://[2001:db8::1]:8443");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->host, "2001:db8::1");
  EXPECT_EQ(other->port, 8443);
  EXPECT_EQ(other->text(), "https://[2001:db8::1]:8443");
}

TEST(PublicOrigin, IsNothingElse) {
  for (const char* text : {"",
                           "https://",
                           "earful.example.com",
                           "http://earful.example.com",
                           "https://a/",
                           "https://a/x",
                           "https://a?x",
                           "https://a#x",
                           "https://u@a",
                           "https://a:0",
                           "https://a:70000",
                           "https://a:x",
                           "https://a:",
                           "https://a:443",
                           "https://[::1",
                           "https://[::1]8443",
                           "https://[x]",
                           "https://::1",
                           "https://a b",
                           "https://.a",
                           "https://a\n",
                           "https://*"}) {
    EXPECT_EQ(fault_of(text), "E_ORIGIN") << text;
  }
}

class Entrance : public ::testing::Test {
 protected:
  Entrance() {
    fs::create_directories(dir);
    certificate = file("c.pem", kTestCertificate);
    key = file("k.pem", kTestKey);
  }
  ~Entrance() override { fs::remove_all(dir); }
  fs::path file(const std::string& name, std::string_view text) {
    std::ofstream(dir / name) << text;
    fs::permissions(dir / name, fs::perms(0600));
    return dir / name;
  }
  std::string tls(const fs::path& cert, const fs::path& secret, WallTime now = kNow,
                  const std::string& host = "earful.example.com") {
    const auto files = read_tls_files(cert, secret, host, now);
    return files.ok() ? files->warning : files.error().message;
  }

  fs::path dir = fs::temp_directory_path() / ("earful_entrance_" + std::to_string(::getpid()));
  fs::path certificate, key;
};

TEST_F(Entrance, TakesACertificateWithItsKey) { EXPECT_EQ(tls(certificate, key), ""); }

TEST_F(Entrance, SaysWhatBrowsersWillMindInACertificate) {
  EXPECT_THAT(tls(certificate, key, *parse_rfc3339("2040-01-01T00:00:00Z")),
              HasSubstr("expired on 2036"));
  EXPECT_THAT(tls(certificate, key, *parse_rfc3339("2020-01-01T00:00:00Z")),
              HasSubstr("not valid before 2026"));
  EXPECT_THAT(tls(certificate, key, kNow, "other.example"), HasSubstr("is not for other.example"));
}

TEST_F(Entrance, RefusesFilesThatDoNotFit) {
  EXPECT_THAT(tls(certificate, file("k2.pem", kOtherKey)), HasSubstr("is not that of"));
  EXPECT_THAT(tls(key, key), HasSubstr("holds no certificate"));
  EXPECT_THAT(tls(certificate, file("empty", "")), HasSubstr("give a private key"));
  EXPECT_THAT(tls(certificate, file("big", std::string(2 << 20, 'x'))), HasSubstr("over 1 MiB"));
  fs::permissions(key, fs::perms(0604));
  EXPECT_THAT(tls(certificate, key), HasSubstr("chmod o-rwx"));
  fs::permissions(key, fs::perms(0640));
  EXPECT_EQ(tls(certificate, key), "");
}

TEST_F(Entrance, CutsOffWhoNeverEndsTheHandshake) {
  const auto files = read_tls_files(certificate, key, "earful.example.com", kNow);
  ASSERT_TRUE(files.ok());
  // A free port, from a listener that is gone again.
  uint16_t port = 0;
  {
    HttpServer probe({});
    ASSERT_TRUE(probe.bind().ok());
    port = probe.port();
  }
  HttpServer server(
      {.public_entrance =
           HttpPublicEntrance{.origin = *parse_public_origin("https://earful.example.com"),
                              .way = HttpTlsAddress{"127.0.0.1", port, *files}},
       .request_time = std::chrono::milliseconds(200)});
  const auto started = server.start();
  ASSERT_TRUE(started.ok()) << started.error().message;
  raw_http::RawClient client(port);
  client.send("\x16\x03\x01");
  client.read_all();
  EXPECT_TRUE(client.closed());
}

TEST_F(Entrance, LeavesNoSocketWhereItCouldNotBeGivenAway) {
  const fs::path path = dir / "s";
  EXPECT_FALSE(UnixListener::bind(path, "no-such-group", 1).ok());
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(Entrance, OpensASocketToOwnerAndGroupWhateverTheUmask) {
  const fs::path path = dir / "s";
  for (const mode_t mask : {0777, 0022, 0}) {
    const mode_t before = ::umask(mask);
    const auto listener = UnixListener::bind(path, "", 1);
    ::umask(before);
    ASSERT_TRUE(listener.ok()) << listener.error().message;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0660));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(Entrance, TakesAwayOnlyItsOwnSocket) {
  const fs::path path = dir / "s";
  {
    auto first = UnixListener::bind(path, "", 1);
    ASSERT_TRUE(first.ok());
    fs::remove(path);
    file("s", "somebody else's");
  }
  EXPECT_TRUE(fs::exists(path));
}

}  // namespace
}  // namespace earful
