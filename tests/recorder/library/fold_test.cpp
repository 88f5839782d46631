#include "recorder/library/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(Fold, IgnoresCaseWidthAndLatinMarks) {
  EXPECT_EQ(fold("Café ＢＩＬＬＩＮＧ"), "cafe billing");
}

TEST(Fold, StripsHebrewPoints) { EXPECT_EQ(fold("שָׁלוֹם"), "שלום"); }

TEST(Fold, KeepsLaoVowelsAndKoreanSyllables) { EXPECT_EQ(fold("ບໍລິການ 환불"), "ບໍລິການ 환불"); }

TEST(Fold, SurvivesBytesThatAreNotText) { EXPECT_EQ(fold("a\xff"), "a\xEF\xBF\xBD"); }

TEST(Fold, GivesEachLetterTheSameAloneAsInTextThatChanges) {
  for (char32_t c = 0x80; c < 0x20000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string letter;
    if (c >= 0x10000) {
      letter = {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63))};
    } else if (c >= 0x800) {
      letter = {char(0xE0 | c >> 12)};
    }
    letter += c >= 0x800 ? char(0x80 | (c >> 6 & 63)) : char(0xC0 | c >> 6);
    letter += char(0x80 | (c & 63));
    ASSERT_EQ(fold("A!" + letter), "a!" + fold(letter)) << std::hex << uint32_t(c);
  }
}

TEST(FoldedWords, SplitsAtSpaces) {
  EXPECT_THAT(folded_words("  Two  Words\n"), ElementsAre("two", "words"));
  EXPECT_THAT(folded_words("   "), SizeIs(0));
}

TEST(FoldedWords, StopsAtTheLimit) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "w ";
  EXPECT_THAT(folded_words(many), SizeIs(kMaxSearchWords));
}

}  // namespace
}  // namespace earful::recorder
