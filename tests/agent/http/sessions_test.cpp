#include "agent/http/sessions.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/http/access_token.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

const std::string kToken(64, 'a');
const WallTime kNow = *parse_rfc3339("2026-11-17T10:00:00Z");

std::string value_of(const std::string& set_cookie) {
  return set_cookie.substr(0, set_cookie.find(';'));
}

HttpRequest with(const std::string& header, const std::string& value) {
  HttpRequest request;
  request.headers = {{header, value}};
  return request;
}

TEST(Sessions, TakesTheTokenOnlyAsABearer) {
  const Sessions sessions(kToken, 7370);
  EXPECT_TRUE(sessions.caller_of(with("authorization", "Bearer " + kToken), kNow));
  EXPECT_FALSE(sessions.caller_of(with("authorization", kToken), kNow));
  EXPECT_FALSE(sessions.caller_of(with("cookie", "earful-7370=" + kToken), kNow));
  EXPECT_FALSE(sessions.caller_of({}, kNow));
}

TEST(Sessions, KeepsTheListenerInTheCookieAcrossARestart) {
  const ListenerId listener{make_uuid_v4()};
  const std::string cookie = value_of(Sessions(kToken, 7370).set_cookie(listener, kNow));
  const auto caller = Sessions(kToken, 7370).caller_of(with("cookie", "x=y; " + cookie), kNow);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->listener, listener);
  EXPECT_FALSE(caller->bearer);
}

TEST(Sessions, RefusesACookieThatIsNotItsOwn) {
  const Sessions sessions(kToken, 7370);
  const std::string cookie = value_of(sessions.set_cookie(std::nullopt, kNow));
  EXPECT_TRUE(sessions.caller_of(with("cookie", cookie), kNow));
  EXPECT_FALSE(
      sessions.caller_of(with("cookie", cookie), kNow + kSessionLength + std::chrono::hours(1)));
  EXPECT_FALSE(Sessions(std::string(64, 'b'), 7370).caller_of(with("cookie", cookie), kNow));
  EXPECT_FALSE(Sessions(kToken, 7371).caller_of(with("cookie", cookie), kNow));
  for (size_t i = 12; i < cookie.size(); ++i) {
    std::string bent = cookie;
    bent[i] = char(bent[i] ^ 1);
    EXPECT_FALSE(sessions.caller_of(with("cookie", bent), kNow)) << i;
    EXPECT_FALSE(sessions.caller_of(with("cookie", cookie.substr(0, i)), kNow)) << i;
  }
}

TEST(Sessions, MarksTheCookieForItsOwnPagesOnly) {
  const std::string cookie = Sessions(kToken, 7370).set_cookie(std::nullopt, kNow);
  for (const char* part : {"earful-7370=", "; HttpOnly", "; SameSite=Strict", "; Path=/;"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << part;
  }
}

class AccessToken : public ::testing::Test {
 protected:
  AccessToken() { fs::create_directories(dir); }
  ~AccessToken() override { fs::remove_all(dir); }
  std::string refusal() {
    const auto token = load_or_make_token(path);
    return token.ok() ? "" : token.error().message;
  }
  fs::path dir = fs::temp_directory_path() / ("earful_token_" + std::to_string(::getpid()));
  fs::path path = dir / "console.token";
};

TEST_F(AccessToken, IsMadeOnceForTheOwnerAlone) {
  const auto token = load_or_make_token(path);
  ASSERT_TRUE(token.ok()) << token.error().message;
  EXPECT_EQ(token->size(), 64u);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(*load_or_make_token(path), *token);
}

TEST_F(AccessToken, IsRefusedWhereOthersCanReadIt) {
  (void)load_or_make_token(path);
  ::chmod(path.c_str(), 0644);
  EXPECT_NE(refusal().find("chmod 600 " + path.string()), std::string::npos);
}

TEST_F(AccessToken, IsRefusedBehindALinkAndFromAFifo) {
  std::ofstream(dir / "real") << kToken << "\n";
  ::chmod((dir / "real").c_str(), 0600);
  fs::create_symlink(dir / "real", path);
  EXPECT_NE(refusal().find("symbolic link"), std::string::npos);
  fs::remove(path);
  ::mkfifo(path.c_str(), 0600);
  EXPECT_NE(refusal().find("not a file"), std::string::npos);
}

TEST_F(AccessToken, IsRefusedFromAnotherOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  (void)load_or_make_token(path);
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  EXPECT_NE(refusal().find("another user"), std::string::npos);
}

TEST_F(AccessToken, IsRefusedWhenDamaged) {
  std::ofstream(path) << "short";
  ::chmod(path.c_str(), 0600);
  EXPECT_NE(refusal().find("does not hold a token"), std::string::npos);
}

}  // namespace
}  // namespace earful::agent
