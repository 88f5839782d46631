#include "agent/finding/call_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Match> matches(const std::vector<CallText>& texts, const std::string& words) {
  return matches_in(texts, *Sought::parse(words));
}

TEST(CallTexts, CountMarksInCodePoints) {
  const auto found = matches({{.field = "note", .text = "😡 café שלום"}}, "שלום");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].marks, ElementsAre(Stretch{7, 11}));
}

TEST(CallTexts, CutALongTextAroundItsFirstMark) {
  std::string before, after;
  for (int i = 0; i < 100; ++i) {
    before += "ой ";
    after += " да";
  }
  const auto found =
      matches({{.field = "note", .text = before + "refund" + after + " refund"}}, "refund");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].marks, ElementsAre(Stretch{31, 37}));
  EXPECT_EQ(found[0].where.text.substr(0, 3), "…");
  EXPECT_EQ(found[0].where.text.substr(found[0].where.text.size() - 3), "…");
}

TEST(CallTexts, LeaveAShortTextWhole) {
  const auto found = matches({{.field = "queue", .text = "billing"}}, "billing");
  EXPECT_EQ(found[0].where.text, "billing");
  EXPECT_THAT(matches({{.field = "queue", .text = "billing"}}, "sales"), IsEmpty());
}

TEST(CallTexts, NameAKindOnceAndStopAtTheLimit) {
  EXPECT_THAT(matches({{.field = "kind", .text = "fault", .kind = "f", .language = "en"},
                       {.field = "kind", .text = "Fault", .kind = "f", .language = "ko"}},
                      "fault"),
              SizeIs(1));
  EXPECT_THAT(matches(std::vector<CallText>(50, {.field = "note", .text = "fee"}), "fee"),
              SizeIs(kMaxMatches));
}

TEST(CallTexts, NameWhatAKindWasMergedIntoAndThenItsOwnOldName) {
  KindView old, kept;
  old.kind.id = "old";
  old.kind.labels = {{"en", "Old"}, {"he", "חדש"}};
  old.merged_into = kept.kind.id = "new";
  kept.kind.labels = {{"en", "New"}, {"he", "חדש"}};
  const std::vector<KindView> book{old, kept};
  const KindNames names(book);
  TagView first, second;
  first.kind = "old";
  second.kind = "new";
  EXPECT_THAT(kinds_of(std::vector{first, second}, names), ElementsAre("new"));
  for (const auto& tags : {std::vector{first}, std::vector{first, second, first}}) {
    std::vector<std::string> told;
    for (const CallText& text : texts_of({}, tags, names)) {
      EXPECT_EQ(text.kind, "new");
      told.push_back(text.text);
    }
    EXPECT_THAT(told, ElementsAre("New", "חדש", "Old"));
  }
}

}  // namespace
}  // namespace earful::agent
