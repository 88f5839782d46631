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
