#include "agent/import/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Csv, ReadsQuotesLineFeedsAndBothLineEnds) {
  const auto table = parse_csv(
      "\xef\xbb\xbf"
      "a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\n,\n");
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("x, \"y\"", "two\nlines"),
                                       ElementsAre("", "")));
  EXPECT_THAT(table->lines, ElementsAre(1u, 2u, 5u));
}

TEST(Csv, RefusesBrokenQuotesWithTheirLine) {
  EXPECT_THAT(parse_csv("a\n\"b").error().message, HasSubstr("line 2: a quote is never closed"));
  EXPECT_THAT(parse_csv("a\nb\n\"c\"d").error().message, HasSubstr("line 3"));
}

void expect_refused(const char* text, const char* said) {
  const auto manifest = Manifest::parse(text, "/calls");
  ASSERT_FALSE(manifest.ok()) << said;
  EXPECT_EQ(manifest.error().code, "E_MANIFEST");
  EXPECT_THAT(manifest.error().message, HasSubstr(said));
}

TEST(Manifest, GivesARecordingItsLine) {
  const auto manifest =
      Manifest::parse("queue,file,team\nbilling,a.wav,north\ncare,sub/b.wav,\n", "/calls");
  ASSERT_TRUE(manifest.ok());
  Facts facts;
  facts.call.team = "kept";
  ASSERT_TRUE(manifest->knows("/calls/sub/../sub/b.wav"));
  ASSERT_TRUE(manifest->apply("/calls/sub/b.wav", facts).ok());
  EXPECT_EQ(facts.call.queue, "care");
  EXPECT_EQ(facts.call.team, "kept") << "an empty field says nothing";
  EXPECT_FALSE(manifest->knows("/calls/b.wav"));
}

TEST(Manifest, RefusesAWrongTable) {
  expect_refused("", "no header row");
  expect_refused("queue\nx\n", "no column \"file\"");
  expect_refused("file,queu\n", "line 1: there is no field \"queu\"; the nearest is \"queue\"");
  expect_refused("file,queue,queue\n", "twice");
  expect_refused("file,queue\na.wav\n", "line 2: 1 fields where the header has 2");
  expect_refused("file\na.wav\n./a.wav\n", "line 3: \"./a.wav\" is there already in line 2");
}

TEST(Manifest, NamesLineAndFieldOfAWrongValue) {
  const auto manifest = Manifest::parse("file,started_at\na.wav,now\n", "/calls");
  Facts facts;
  const auto applied = manifest->apply("/calls/a.wav", facts);
  ASSERT_FALSE(applied.ok());
  EXPECT_THAT(applied.error().message, HasSubstr("line 2: reading the field started_at"));
}

TEST(Manifest, SaysWhichFileIsMissing) {
  EXPECT_THAT(Manifest::read("/no/such.csv").error().message, HasSubstr("/no/such.csv"));
}

}  // namespace
}  // namespace earful::agent
