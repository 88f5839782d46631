#include "agent/book/near_kinds.h"

#include <gtest/gtest.h>

#include "proto/tagbook.h"

namespace earful::agent {
namespace {

std::string nearest(const std::map<std::string, std::string>& labels) {
  const auto near = near_kinds(TagbookFold(), labels, "");
  return near.empty() ? "" : near.front().kind.id;
}

TEST(NearKinds, FindsANameWhateverItsCaseSpacesAndSpelling) {
  EXPECT_EQ(nearest({{"en", "LONG  WAIT"}}), "long-wait");
  EXPECT_EQ(nearest({{"en", "Long wiat"}}), "long-wait");
  EXPECT_EQ(nearest({{"en", "Longwait"}}), "long-wait");
  EXPECT_EQ(nearest({{"en", "ＬＯＮＧ ＷＡＩＴ"}}), "long-wait");
}

TEST(NearKinds, FindsANameWithAWordMoreOrLess) {
  EXPECT_EQ(nearest({{"en", "Long wait again"}}), "long-wait");
  EXPECT_EQ(nearest({{"en", "Wait"}}), "long-wait");
}

TEST(NearKinds, ComparesInEveryLanguage) {
  EXPECT_EQ(nearest({{"en", "Something else"}, {"he", "הַמְתָּנָה ארוכה"}}), "long-wait");
  EXPECT_EQ(nearest({{"ko", "오랜 대기"}}), "long-wait");
  EXPECT_EQ(nearest({{"lo", "ລໍຖ້າດົນ"}}), "long-wait");
  EXPECT_EQ(nearest({{"en", "오랜 대기"}}), "long-wait");  // typed into the wrong field
}

TEST(NearKinds, LeavesAnotherNameAlone) {
  EXPECT_EQ(nearest({{"en", "Parking"}, {"he", "חניה"}, {"ko", "주차"}, {"lo", "ບ່ອນຈອດລົດ"}}), "");
  EXPECT_EQ(nearest({{"en", ""}}), "");
}

TEST(NearKinds, TheDefaultKindsAreAllFarFromEachOther) {
  const TagbookFold book;
  for (const TagKind& kind : default_tagbook().kinds) {
    const auto near = near_kinds(book, kind.labels, kind.id);
    EXPECT_TRUE(near.empty()) << kind.id << " and " << near.front().kind.id;
  }
}

TEST(NearKinds, NamesTheNearestFirst) {
  TagbookFold book;
  Event event;
  event.payload = TagKindDefined{{.id = "hold", .labels = {{"en", "Long waits"}}}};
  book.add(event);
  const auto near = near_kinds(book, {{"en", "long waits"}}, "");
  ASSERT_EQ(near.size(), 2u);
  EXPECT_EQ(near[0].kind.id, "hold");
}

}  // namespace
}  // namespace earful::agent
