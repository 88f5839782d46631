#include "recorder/library/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  for (const Run& run : runs_of(text)) all.push_back(run.text());
  return all;
}

// The bytes of each letter, as they stand in the text.
std::vector<std::string> sources(std::string_view text) {
  std::vector<std::string> all;
  for (const Run& run : runs_of(text)) {
    for (const Letter& letter : run.letters) {
      all.emplace_back(text.substr(letter.begin, letter.end - letter.begin));
    }
  }
  return all;
}

TEST(Words, PartLatinAtSpacesAndPunctuation) {
  EXPECT_THAT(words("Fee charged-twice, tel_4711!"),
              ElementsAre("fee", "charged", "twice", "tel", "4711"));
}

TEST(Words, LoseCaseWidthAndAccents) {
  EXPECT_THAT(words("CAFÉ cafe\u0301 ＢＩＬＬ Straße"),
              ElementsAre("cafe", "cafe", "bill", "strasse"));
}

TEST(Words, KeepMarksThatMakeALetterElsewhere) { EXPECT_THAT(words("йод"), ElementsAre("йод")); }

TEST(Words, LoseHebrewPointsAndArabicMarks) {
  EXPECT_EQ(words("שָׁלוֹם"), words("שלום"));
  EXPECT_EQ(words("مُحَمَّد"), words("محمد"));
  EXPECT_EQ(words("مـــحمد"), words("محمد"));
}

TEST(Words, WriteDigitsOneWay) { EXPECT_THAT(words("٤٧ ໔໗"), ElementsAre("47", "47")); }

TEST(Words, KnowBothWaysToWriteLaoAm) {
  EXPECT_EQ(words("ນ\u0EB3"), words("ນ\u0ECD\u0EB2"));
  EXPECT_EQ(index_tokens("ຄຳ"), index_tokens("ຄ\u0ECD\u0EB2"));
}

TEST(Words, KeepLaoMarksWithTheirLetter) {
  EXPECT_THAT(sources("ບໍລິການ"), ElementsAre("ບໍ", "ລິ", "ກ", "າ", "ນ"));
  EXPECT_EQ(index_tokens("ບໍລິການ"), "ບໍລິ ລິກ ກາ ານ ນ ");
}

TEST(Words, PairKoreanSyllables) {
  EXPECT_EQ(index_tokens("환불요청"), "환불 불요 요청 청 ");
  EXPECT_EQ(index_tokens("KT환불2건"), "kt 환불 불 2 건 ");
}

TEST(Words, PairChineseAndKeepAJapaneseLongSoundWithItsWord) {
  EXPECT_EQ(index_tokens("退款"), "退款 款 ");
  EXPECT_EQ(index_tokens("サービス"), "サー ービ ビス ス ");
}

TEST(Words, HoldEmojiWithTheirColour) {
  EXPECT_THAT(sources("ok👍🏽!😡"), ElementsAre("o", "k", "👍🏽", "😡"));
}

TEST(Words, TellWhereEachLetterCameFrom) {
  const std::string text = "é ﬁn e\u0301";
  EXPECT_THAT(sources(text), ElementsAre("é", "ﬁ", "ﬁ", "n", "e\u0301"));
}

TEST(Words, SurviveBytesThatAreNotText) {
  EXPECT_THAT(words("a\xff\xfe b\xe0\xba"), ElementsAre("a", "b"));
  EXPECT_THAT(words(std::string_view("a\0b", 3)), ElementsAre("a", "b"));
}

TEST(Words, AreNoneInPunctuation) {
  EXPECT_THAT(words(" \"*() - ?! \u0301"), IsEmpty());
  EXPECT_THAT(words(""), IsEmpty());
}

TEST(Words, HaveNoAsciiButLettersAndDigitsInTokens) {
  std::string all;
  for (int c = 1; c < 0x3000; ++c) {
    if (c < 0x80)
      all += char(c);
    else if (c < 0x800) {
      all += char(0xC0 | c >> 6);
      all += char(0x80 | (c & 63));
    } else {
      all += char(0xE0 | c >> 12);
      all += char(0x80 | (c >> 6 & 63));
      all += char(0x80 | (c & 63));
    }
  }
  for (const char c : index_tokens(all)) {
    EXPECT_TRUE(c < 0 || c == ' ' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) << int(c);
  }
}

}  // namespace
}  // namespace earful::recorder
