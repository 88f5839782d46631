#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "agent/http/entrance_settings.h"
#include "agent/http/link_sessions.h"
#include "agent/http/listener_name.h"
#include "agent/http/proxy_identity.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

const WallTime kNow = *parse_rfc3339("2026-11-17T10:00:00Z");

TEST(ProxyIdentity, MeansTheSamePersonUnderTheSameKey) {
  const ListenerId id = listener_of_identity("noa", "site");
  EXPECT_EQ(listener_of_identity("noa", "site"), id);
  EXPECT_NE(listener_of_identity("Noa", "site"), id);
  EXPECT_NE(listener_of_identity("noa", "another site"), id);
  EXPECT_EQ(id.text()[14], '8');
}

TEST(ListenerName, IsSomethingToBeSeenThatSteersNothing) {
  for (const char* name : {"a\tb", "a\x7f", "a\xc2\x85", "a\x01", "\xff", " ", "\u200b\u00ad",
                           "a\u202eb", "a\u2069"}) {
    EXPECT_FALSE(checked_name(name).ok()) << name;
  }
  for (const char* name : {"Noa Levi", "דנה", "é", "김", "👍🏽", "a\u200fb"}) {
    EXPECT_TRUE(checked_name(name).ok()) << name;
  }
}

class LinkSessionsTest : public ::testing::Test {
 protected:
  LinkSessionsTest() { fs::create_directories(dir); }
  ~LinkSessionsTest() override { fs::remove_all(dir); }
  std::string add(const std::string& name) {
    const std::string token = make_link_token();
    EXPECT_TRUE(change_links(dir, [&](std::vector<PersonalLink>& links) -> Result<void> {
                  links.push_back({{make_uuid_v4()}, name, link_token_hash(token), kNow});
                  return {};
                }).ok());
    return token;
  }
  static HttpRequest with_cookie(const std::string& set_cookie) {
    HttpRequest request;
    request.headers = {{"cookie", set_cookie.substr(0, set_cookie.find(';'))}};
    return request;
  }
  fs::path dir = fs::temp_directory_path() / ("earful_links_" + std::to_string(::getpid()));
  LinkSessions sessions{dir, "token", 8443};
};

TEST_F(LinkSessionsTest, OpenASessionOfTheLinksListener) {
  const auto opened = sessions.open(add("Noa"), kNow);
  ASSERT_TRUE(opened.ok());
  const auto caller = sessions.caller_of(with_cookie(opened->set_cookie), kNow);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(caller->listener, opened->caller.listener);
  EXPECT_EQ(caller->name, "Noa");
  EXPECT_TRUE(caller->bound && caller->may_stay());
  EXPECT_FALSE(
      sessions
          .caller_of(with_cookie(opened->set_cookie), kNow + kSessionLength + std::chrono::hours(1))
          .ok());
}

TEST_F(LinkSessionsTest, EndWithTheLink) {
  const auto opened = sessions.open(add("Noa"), kNow);
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE(change_links(dir, [](std::vector<PersonalLink>& links) -> Result<void> {
                links.clear();
                return {};
              }).ok());
  EXPECT_FALSE(opened->caller.may_stay());
  EXPECT_FALSE(sessions.caller_of(with_cookie(opened->set_cookie), kNow).ok());
}

TEST_F(LinkSessionsTest, BelongToTheStationsUserWhoeverAddsThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root acts for another user";
  ASSERT_EQ(::chown(dir.c_str(), 1, 1), 0);
  const std::string token = add("Noa");
  struct stat info {};
  ASSERT_EQ(::stat(links_path(dir).c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 1u);
  EXPECT_TRUE(sessions.open(token, kNow).ok());
  ASSERT_EQ(::chown(links_path(dir).c_str(), 0, 0), 0);
  EXPECT_FALSE(sessions.open(token, kNow).ok());
}

TEST_F(LinkSessionsTest, RefuseACookieThatIsNotTheirs) {
  const auto noa = sessions.open(add("Noa"), kNow), dana = sessions.open(add("Dana"), kNow);
  ASSERT_TRUE(noa.ok() && dana.ok());
  const std::string cookie = noa->set_cookie.substr(0, noa->set_cookie.find(';'));
  for (size_t i = cookie.find('=') + 1; i < cookie.size(); ++i) {
    std::string bent = cookie;
    bent[i] = char(bent[i] ^ 1);
    EXPECT_FALSE(sessions.caller_of(with_cookie(bent), kNow).ok()) << i;
    EXPECT_FALSE(sessions.caller_of(with_cookie(cookie.substr(0, i)), kNow).ok()) << i;
  }
  // One person's cookie with another's name in it.
  std::string swapped = cookie;
  swapped.replace(swapped.find(noa->caller.listener->text()), 36, dana->caller.listener->text());
  EXPECT_FALSE(sessions.caller_of(with_cookie(swapped), kNow).ok());
  LinkSessions other_station(dir, "another token", 8443);
  EXPECT_FALSE(other_station.caller_of(with_cookie(cookie), kNow).ok());
}

TEST(EntranceSettings, WantNothingForLoopbackAlone) {
  const auto settled = settle_entrance({.public_origin = "https://earful.example.com"});
  ASSERT_TRUE(settled.ok());
  EXPECT_FALSE(settled->has_value());
}

}  // namespace
}  // namespace earful::agent
