#include "agent/finding/sought.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sqlite.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kLaoService = "ບໍລິການ";
// "I am not content with the after-sale service of the company": no spaces.
const std::string kLaoSentence = "ຂ້ອຍບໍ່ພໍໃຈກັບການບໍລິການຫຼັງການຂາຍຂອງບໍລິສັດ";

Sought sought(const std::string& text) { return *Sought::parse(text); }

// The index and the marks must agree: what one finds the other shows.
class SoughtTest : public testing::Test {
 protected:
  SoughtTest() {
    db = *Database::open(dir.path() / "t.db", {});
    EXPECT_TRUE(db.execute("CREATE VIRTUAL TABLE w USING fts5(t, tokenize='ascii')").ok());
  }
  bool indexed(const std::string& text, const std::string& words) {
    EXPECT_TRUE(db.execute("DELETE FROM w").ok());
    auto add = *db.prepare("INSERT INTO w VALUES(?1)");
    EXPECT_TRUE(add.bind_text(1, recorder::index_tokens(text)).run().ok());
    auto query = *db.prepare("SELECT 1 FROM w WHERE w MATCH ?1");
    query.bind_text(1, sought(words).expression());
    const auto found = query.step();
    EXPECT_TRUE(found.ok()) << words << ": " << found.error().message;
    return found.ok() && *found;
  }
  bool finds(const std::string& text, const std::string& words) {
    const bool found = indexed(text, words);
    EXPECT_EQ(found, !sought(words).in(text).empty()) << text << " / " << words;
    return found;
  }

  TemporaryFolder dir;
  Database db;
};

std::vector<std::string> marked(const std::string& text, const std::string& words) {
  std::vector<std::string> all;
  for (const Stretch& mark : sought(words).in(text)) {
    all.push_back(text.substr(mark.begin, mark.end - mark.begin));
  }
  return all;
}

TEST_F(SoughtTest, FindsALaoWordInASentenceWithoutSpaces) {
  EXPECT_TRUE(finds(kLaoSentence, kLaoService));
  EXPECT_THAT(marked(kLaoSentence, kLaoService), ElementsAre(kLaoService));
  EXPECT_FALSE(finds(kLaoSentence, "ໂທລະສັບ"));
}

TEST_F(SoughtTest, FindsLaoAmWrittenEitherWay) {
  EXPECT_TRUE(finds("ບໍ່ມີນ\u0EB3ໃຊ້", "ນ\u0ECD\u0EB2"));
  EXPECT_TRUE(finds("ບໍ່ມີນ\u0ECD\u0EB2ໃຊ້", "ນ\u0EB3"));
}

TEST_F(SoughtTest, FindsKoreanOfTwoSyllablesAndInsideACompound) {
  EXPECT_TRUE(finds("환불", "환불"));
  EXPECT_TRUE(finds("고객환불요청을 접수", "환불"));
  EXPECT_TRUE(finds("고객환불요청을", "요청"));
  EXPECT_TRUE(finds("고객환불요청을", "을"));
  EXPECT_FALSE(finds("환급 불만", "환불"));
  EXPECT_THAT(marked("고객환불요청을 환불", "환불"), ElementsAre("환불", "환불"));
}

TEST_F(SoughtTest, FindsHebrewWithAndWithoutPointsAndAfterASmallWord) {
  EXPECT_TRUE(finds("שָׁלוֹם לכולם", "שלום"));
  EXPECT_TRUE(finds("שלום", "שָׁלוֹם"));
  EXPECT_TRUE(finds("טעות בחשבונית", "חשבונית"));
  EXPECT_THAT(marked("אמר שָׁלוֹם!", "שלום"), ElementsAre("שָׁלוֹם"));
}

TEST_F(SoughtTest, FindsArabicWithAndWithoutMarksAndAfterTheArticle) {
  EXPECT_TRUE(finds("قال مُحَمَّد", "محمد"));
  EXPECT_TRUE(finds("في الفاتورة خطأ", "فاتورة"));
}

TEST_F(SoughtTest, FindsLatinWordsWithoutAccents) {
  EXPECT_TRUE(finds("Crème brûlée", "creme"));
  EXPECT_TRUE(finds("the cafe", "CAFÉ"));
  EXPECT_THAT(marked("im Café.", "cafe"), ElementsAre("Café"));
}

TEST_F(SoughtTest, BeginsOnlyTheLastWord) {
  EXPECT_TRUE(finds("billing north", "north bill"));
  EXPECT_FALSE(indexed("billing north", "bill north"));
  EXPECT_FALSE(indexed("billing north", "billing south"));
  EXPECT_FALSE(finds("billing", "ill"));
  EXPECT_THAT(marked("billing", "bill"), ElementsAre("bill"));
}

TEST_F(SoughtTest, FindsChineseAndEmoji) {
  EXPECT_TRUE(finds("客户要求退款", "退款"));
  EXPECT_TRUE(finds("客户要求退款", "款"));
  EXPECT_TRUE(finds("angry 😡😡", "😡"));
  EXPECT_TRUE(finds("ok 👍🏽", "👍"));
}

TEST_F(SoughtTest, TakesOperatorsAsWords) {
  for (const char* text :
       {"\"", "a\"b", "a OR b", "NEAR(a b)", "-a", "a*", "^a", "tokens:a", "a AND", "(", "{a}: b",
        "a + b", "NOT", "'; DROP TABLE w", "\xff\xfe z"}) {
    EXPECT_TRUE(sought(text).wordless() || indexed(text, text)) << text;
  }
}

TEST(Sought, HasNoWordsInPunctuation) {
  EXPECT_TRUE(sought("?!").wordless());
  EXPECT_FALSE(sought("?!").blank());
  EXPECT_TRUE(sought(" \n").blank());
  EXPECT_THAT(sought("?!").in("what?!"), IsEmpty());
}

TEST(Sought, HasALimit) {
  EXPECT_EQ(Sought::parse(std::string(kMaxSoughtBytes + 1, 'a')).error().code, "E_QUERY");
  std::string many;
  for (size_t i = 0; i <= kMaxSoughtWords; ++i) many += "w ";
  EXPECT_EQ(Sought::parse(many).error().code, "E_QUERY");
  EXPECT_TRUE(Sought::parse(std::string(kMaxSoughtBytes, 'a')).ok());
}

}  // namespace
}  // namespace earful::agent
