#include "agent/inbox/inbox_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Result<std::vector<InboxOptions>> read(const std::string& text) {
  EARFUL_ASSIGN(const Config config, Config::parse(text, "agent.toml", inbox_keys()));
  return read_inboxes(config);
}

void expect_refused(const std::string& text, const std::string& said) {
  const auto inboxes = read(text);
  ASSERT_FALSE(inboxes.ok()) << text;
  EXPECT_EQ(inboxes.error().code, "E_CONFIG");
  EXPECT_THAT(inboxes.error().message, HasSubstr(said));
}

TEST(InboxSettings, AreNoneWithoutATable) { EXPECT_TRUE(read("")->empty()); }

TEST(InboxSettings, HaveATableForEachFolder) {
  const auto inboxes = read(
      "[[inbox]]\npath = \"/in/./a/\"\nname_pattern = \"{queue}_{}\"\nmanifest = \"/in/c.csv\"\n"
      "sidecar_wait = \"5s\"\ncomplexity = 9\nbitrate_bps = 24000\n[[inbox]]\npath = \"/in/b\"\n");
  ASSERT_TRUE(inboxes.ok()) << inboxes.error().message;
  ASSERT_EQ(inboxes->size(), 2u);
  const InboxOptions& first = inboxes->front();
  EXPECT_EQ(first.path, "/in/a");
  EXPECT_EQ(first.name_pattern, "{queue}_{}");
  EXPECT_EQ(first.manifest, "/in/c.csv");
  EXPECT_EQ(first.sidecar_wait, 5s);
  EXPECT_EQ(first.complexity, 9);
  EXPECT_EQ(first.bitrate_bps, 24000);
  EXPECT_EQ(inboxes->back().sidecar_wait, 2s);
}

TEST(InboxSettings, AreRefusedWithTheirLine) {
  expect_refused("[[inbox]]\npath = \"in\"\n", "agent.toml:1: inbox.path must be an absolute path");
  expect_refused("[[inbox]]\n", "absolute path");
  expect_refused("\n[[inbox]]\npath = \"/in\"\nname_pattern = \"{queu}\"\n",
                 "agent.toml:2: inbox.name_pattern");
  expect_refused("[[inbox]]\npath = \"/in\"\nmanifest = \"c.csv\"\n", "inbox.manifest");
  expect_refused("[[inbox]]\npath = \"/in\"\nbitrate_bps = 100\n", "6000 to 128000");
}

TEST(InboxSettings, RefuseAFolderWithinAnother) {
  for (const char* other : {"/in", "/in/", "/in/a", "/"}) {
    expect_refused("[[inbox]]\npath = \"/in\"\n[[inbox]]\npath = \"" + std::string(other) + "\"\n",
                   "agent.toml:3: the inbox");
  }
  EXPECT_TRUE(read("[[inbox]]\npath = \"/in\"\n[[inbox]]\npath = \"/inbox\"\n").ok());
}

TEST(InboxSettings, RefuseMoreThanCanBeWatched) {
  std::string text;
  for (size_t i = 0; i <= kMaxInboxes; ++i) {
    text += "[[inbox]]\npath = \"/in/" + std::to_string(i) + "\"\n";
  }
  expect_refused(text, "over 16 inboxes");
}

}  // namespace
}  // namespace earful::agent
