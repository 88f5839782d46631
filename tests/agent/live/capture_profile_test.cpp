#include "agent/live/capture_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using testing::HasSubstr;

Result<std::vector<CaptureProfile>> read(std::string_view text) {
  EARFUL_ASSIGN(const Config config, Config::parse(text, "a.toml", capture_keys()));
  return read_captures(config);
}

std::string refusal(std::string_view text) {
  const auto profiles = read(text);
  return profiles.ok() ? "" : profiles.error().message;
}

TEST(CaptureProfiles, SayWhereACallComesFrom) {
  const auto profiles = read(
      "[[capture]]\nname = \"desk\"\nsource = \"pulse\"\nlegs = \"customer,agent\"\n"
      "queue = \"billing\"\npause_limit = \"30s\"\n"
      "[[capture]]\nname = \"line-2\"\nagent = \"mic\"\ncustomer = \"ear\"\nrate_hz = 16000\n");
  ASSERT_TRUE(profiles.ok()) << profiles.error().message;
  const CaptureProfile &desk = profiles->at(0), &line = profiles->at(1);
  EXPECT_EQ(desk.defaults.legs, (std::vector{Leg::kCustomer, Leg::kAgent}));
  EXPECT_EQ(desk.defaults.call.queue, "billing");
  EXPECT_EQ(desk.pause_limit, std::chrono::seconds(30));
  EXPECT_EQ(line.agent, "mic");
  EXPECT_EQ(line.rate_hz, 16000);
}

TEST(CaptureProfiles, GiveADeviceOneProfileAndOneLeg) {
  EXPECT_THAT(refusal("[[capture]]\nname = \"a\"\nsource = \"mic\"\n"
                      "[[capture]]\nname = \"b\"\nagent = \"mic\"\ncustomer = \"ear\"\n"),
              HasSubstr("a.toml:4: capture \"b\" records \"mic\", which capture \"a\""));
  EXPECT_THAT(refusal("[[capture]]\nname = \"a\"\nagent = \"mic\"\ncustomer = \"mic\"\n"),
              HasSubstr("one leg"));
  EXPECT_EQ(refusal("[[capture]]\nname = \"a\"\nsource = \"tone:440\"\n"
                    "[[capture]]\nname = \"b\"\nsource = \"tone:440\"\n"),
            "");
}

TEST(CaptureProfiles, NeedASourceForEveryLeg) {
  EXPECT_THAT(refusal("[[capture]]\nname = \"a\"\nagent = \"mic\"\n"), HasSubstr("needs a source"));
  EXPECT_THAT(refusal("[[capture]]\nname = \"a\"\nsource = \"x\"\nagent = \"mic\"\n"),
              HasSubstr("needs a source"));
}

TEST(CaptureProfiles, AreNamedAsAddressesAre) {
  for (const char* name : {"", "a b", "a/b", "caf\xc3\xa9"}) {
    EXPECT_THAT(refusal("[[capture]]\nname = \"" + std::string(name) + "\"\nsource = \"mic\"\n"),
                HasSubstr("letters, digits"))
        << name;
  }
}

TEST(CaptureProfiles, NameTheNearestOfAMisspeltOne) {
  const auto profiles = read("[[capture]]\nname = \"desk\"\nsource = \"mic\"\n");
  EXPECT_EQ(unknown_capture("dask", *profiles),
            "There is no capture \"dask\"; the nearest is \"desk\".");
  EXPECT_THAT(unknown_capture("x", {}), HasSubstr("[[capture]]"));
}

}  // namespace
}  // namespace earful::agent
