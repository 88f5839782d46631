#include "base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/config_value.h"

namespace earful {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr ConfigKey kKeys[] = {
    {.name = "data", .fallback = "/var/lib/earful", .help = "Where all state is."},
    {.section = "http",
     .name = "port",
     .type = ConfigType::kPort,
     .fallback = "7370",
     .help = "Where the page is.\nOn 127.0.0.1 only."},
    {.section = "http", .name = "open", .type = ConfigType::kBoolean, .fallback = "false"},
    {.section = "journal", .name = "keep", .type = ConfigType::kDuration, .fallback = "90d"},
    {.section = "journal",
     .name = "limit",
     .type = ConfigType::kSize,
     .fallback = "1GiB",
     .minimum = 1024},
    {.section = "opus",
     .name = "complexity",
     .type = ConfigType::kInteger,
     .fallback = "5",
     .minimum = 0,
     .maximum = 10},
    {.section = "opus",
     .name = "gain",
     .type = ConfigType::kNumber,
     .fallback = "0.5",
     .minimum = -1,
     .maximum = 1},
    {.section = "opus", .name = "names", .type = ConfigType::kTexts, .fallback = "[]"},
    {.section = "line", .name = "name", .fallback = "", .repeated = true},
    {.section = "line",
     .name = "gain",
     .type = ConfigType::kInteger,
     .fallback = "3",
     .minimum = 0,
     .maximum = 9,
     .repeated = true},
};

std::string refusal(std::string_view text) {
  const auto config = Config::parse(text, "c.toml", kKeys);
  return config.ok() ? "" : config.error().message;
}

TEST(Config, HasAValueForEveryKeyWithoutAFile) {
  const Config config = Config::defaults(kKeys);
  EXPECT_EQ(config.text("", "data"), "/var/lib/earful");
  EXPECT_EQ(config.port("http", "port"), 7370);
  EXPECT_FALSE(config.boolean("http", "open"));
  EXPECT_EQ(config.duration("journal", "keep"), std::chrono::hours(90 * 24));
  EXPECT_EQ(config.size("journal", "limit"), int64_t(1) << 30);
  EXPECT_EQ(config.integer("opus", "complexity"), 5);
  EXPECT_EQ(config.number("opus", "gain"), 0.5);
  EXPECT_FALSE(config.is_set("http", "port"));
}

TEST(Config, TakesAListOfTexts) {
  EXPECT_TRUE(Config::defaults(kKeys).texts("opus", "names").empty());
  const auto config = Config::parse("[opus]\nnames = [\"a\", \"ב\"]\n", "c.toml", kKeys);
  EXPECT_EQ(config->texts("opus", "names"), (std::vector<std::string>{"a", "ב"}));
  for (const char* bad : {"\"a\"", "[1]", "[\"a\", [\"b\"]]"}) {
    EXPECT_EQ(refusal("[opus]\nnames = " + std::string(bad) + "\n"),
              "c.toml:2: opus.names must be a list of texts in quotes");
  }
}

TEST(Config, TakesWhatTheFileSays) {
  const auto config = Config::parse(
      "data = \"/d\"\n[http]\nport = 80\nopen = true\n[journal]\nkeep = \"15m\"\nlimit = "
      "\"64KiB\"\n"
      "[opus]\ngain = -1\n",
      "c.toml", kKeys);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->text("", "data"), "/d");
  EXPECT_EQ(config->port("http", "port"), 80);
  EXPECT_TRUE(config->is_set("http", "port"));
  EXPECT_TRUE(config->boolean("http", "open"));
  EXPECT_EQ(config->duration("journal", "keep"), std::chrono::minutes(15));
  EXPECT_EQ(config->size("journal", "limit"), 65536);
  EXPECT_EQ(config->number("opus", "gain"), -1);
}

TEST(Config, TellsWhereAValueStands) {
  const auto config = Config::parse("[http]\n\nport = 80\n", "c.toml", kKeys);
  EXPECT_EQ(config->where("http", "port"), "c.toml:3");
  EXPECT_EQ(config->where("http", "open"), "");
}

TEST(Config, NamesTheLineAndTheNearestKey) {
  EXPECT_EQ(refusal("[http]\n\nprot = 80\n"),
            "c.toml:3: unknown key \"http.prot\"; did you mean http.port?");
  EXPECT_EQ(refusal("[htpp]\nport = 80\n"), "c.toml:1: unknown key \"htpp\"; did you mean http?");
  EXPECT_THAT(refusal("zzzzzzzzzz = 1"), HasSubstr("lists the keys there are"));
  EXPECT_THAT(refusal("[http]\nport = 1\nport = 2\n"), StartsWith("c.toml:3: "));
  EXPECT_THAT(refusal("[http]\n[http]\n"), StartsWith("c.toml:2: "));
}

TEST(Config, RefusesValuesOfAnotherKind) {
  EXPECT_EQ(refusal("[http]\nport = 0"),
            "c.toml:2: http.port must be a port number from 1 to 65535");
  EXPECT_THAT(refusal("[http]\nport = 70000"), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(refusal("[http]\nport = \"80\""), HasSubstr("a port number"));
  EXPECT_THAT(refusal("[http]\nport = 80.0"), HasSubstr("a port number"));
  EXPECT_THAT(refusal("[http]\nopen = 1"), HasSubstr("true or false"));
  EXPECT_THAT(refusal("data = 1"), HasSubstr("a text in quotes"));
  EXPECT_THAT(refusal("http = 1"), HasSubstr("unknown key"));
  EXPECT_THAT(refusal("[data]\nx = 1"), HasSubstr("a text in quotes"));
  EXPECT_THAT(refusal("[opus]\ncomplexity = 11"), EndsWith("a whole number from 0 to 10"));
  EXPECT_THAT(refusal("[opus]\ngain = nan"), HasSubstr("a number from -1 to 1"));
  for (const char* keep :
       {"90", "90 days", "d", "-1s", "1.5h", "99999999999999999999d", "9223372036854775807d"}) {
    EXPECT_THAT(refusal("[journal]\nkeep = \"" + std::string(keep) + "\""),
                HasSubstr("such as \"30s\""))
        << keep;
  }
  EXPECT_THAT(refusal("[journal]\nlimit = \"1GB\""), HasSubstr("such as \"64KiB\""));
  EXPECT_THAT(refusal("[journal]\nlimit = \"1KiB\""), "");
  EXPECT_THAT(refusal("[journal]\nlimit = \"1B\""), HasSubstr("at least 1024 bytes"));
}

TEST(Config, ReadsTablesThatRepeatInTheirOrder) {
  const auto config =
      Config::parse("[[line]]\nname = \"a\"\ngain = 5\n[http]\nport = 80\n[[line]]\nname = \"b\"\n",
                    "c.toml", kKeys);
  ASSERT_TRUE(config.ok()) << config.error().message;
  const std::vector<Config>& lines = config->tables("line");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text("line", "name"), "a");
  EXPECT_EQ(lines[0].integer("line", "gain"), 5);
  EXPECT_EQ(lines[1].text("line", "name"), "b");
  EXPECT_EQ(lines[1].integer("line", "gain"), 3);
  EXPECT_FALSE(lines[1].is_set("line", "gain"));
  EXPECT_EQ(lines[1].where(), "c.toml:6");
  EXPECT_TRUE(Config::defaults(kKeys).tables("line").empty());
}

TEST(Config, NamesTheLineOfAFaultInARepeatedTable) {
  EXPECT_EQ(refusal("[[line]]\nname = \"a\"\n[[line]]\nnmae = \"b\"\n"),
            "c.toml:4: unknown key \"line.nmae\"; did you mean line.name?");
  EXPECT_EQ(refusal("[[lime]]\nname = \"a\"\n"),
            "c.toml:1: unknown key \"lime\"; did you mean line?");
  EXPECT_EQ(refusal("[[line]]\n[[line]]\ngain = 10\n"),
            "c.toml:3: line.gain must be a whole number from 0 to 9");
  EXPECT_THAT(refusal("[[line]]\nname = \"a\"\nname = \"b\"\n"), StartsWith("c.toml:3: "));
  EXPECT_EQ(refusal("[line]\nname = \"a\"\n"), "c.toml:1: write [[line]]: there may be several");
  EXPECT_EQ(refusal("line = [1, 2]\n"), "c.toml:1: write [[line]]: there may be several");
  EXPECT_EQ(refusal("[[http]]\nport = 80\n"), "c.toml:1: write [http]: there is one");
}

TEST(Config, RefusesTablesWithoutEnd) {
  std::string text;
  for (size_t i = 0; i <= kMaxConfigTables; ++i) text += "[[line]]\n";
  EXPECT_EQ(refusal(text), "c.toml:65: more than 64 [[line]]");
}

TEST(Config, AcceptsAMarkAndWindowsLineEnds) {
  EXPECT_EQ(refusal("\xef\xbb\xbf[http]\r\nport = 80\r\n"), "");
  EXPECT_EQ(refusal(""), "");
}

TEST(Config, RefusesAnotherEncoding) {
  EXPECT_EQ(refusal("# one\ndata = \"M\xfcller\"\n"),
            "c.toml:2: not UTF-8 (Latin-1 perhaps); save the file as UTF-8");
}

TEST(Config, RefusesWhatIsNoFileWithoutWaiting) {
  const auto dir =
      std::filesystem::temp_directory_path() / ("earful_config_" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir);
  ::mkfifo((dir / "fifo").c_str(), 0600);
  std::ofstream(dir / "big") << "x";
  std::filesystem::resize_file(dir / "big", 100 << 20);
  const auto begun = std::chrono::steady_clock::now();
  const auto message = [&](const std::filesystem::path& path) {
    return Config::read(path, kKeys).error().message;
  };
  EXPECT_THAT(message(dir), HasSubstr("not a file"));
  EXPECT_THAT(message(dir / "fifo"), HasSubstr("not a file"));
  EXPECT_THAT(message(dir / "big"), HasSubstr("over 1 MiB"));
  EXPECT_THAT(message(dir / "none"), HasSubstr("No such file"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
  std::filesystem::remove_all(dir);
}

TEST(Config, RefusesWhatIsNestedWithoutEnd) {
  EXPECT_NE(refusal("a = " + std::string(100000, '[')), "");
}

TEST(Config, PrintsADefaultFileThatItAccepts) {
  const std::string file = default_config_file("The station's settings.", kKeys);
  EXPECT_THAT(file, HasSubstr("[http]\n\n# Where the page is.\n# On 127.0.0.1 only.\n"));
  EXPECT_THAT(file, HasSubstr("\n#port = 7370\n"));
  EXPECT_EQ(refusal(file), "");
  std::string all = file;
  for (size_t at = 0; (at = all.find("\n#", at)) != std::string::npos; ++at) {
    if (all[at + 2] != ' ') all.erase(at + 1, 1);
  }
  EXPECT_EQ(refusal(all), "") << all;
}

TEST(NearestName, GivesUpWhenNothingIsNear) {
  const std::vector<std::string> names = {"port", "host"};
  EXPECT_EQ(nearest_name("prt", names), "port");
  EXPECT_EQ(nearest_name("completely", names), "");
}

}  // namespace
}  // namespace earful
