#include "proto/tagbook.h"

#include <gtest/gtest.h>

#include <set>

namespace earful {
namespace {

TEST(DefaultTagbook, HasEighteenKindsOnEighteenKeysInFourLanguages) {
  const auto& book = default_tagbook();
  ASSERT_EQ(book.kinds.size(), 18u);
  ASSERT_EQ(book.families.size(), 8u);
  std::set<std::string> ids, keys;
  for (const TagKind& kind : book.kinds) {
    ids.insert(kind.id);
    keys.insert(kind.key);
    for (const char* language : {"en", "he", "ko", "lo"}) {
      EXPECT_FALSE(kind.labels.at(language).empty()) << kind.id << " " << language;
    }
  }
  EXPECT_EQ(ids.size(), 18u);
  EXPECT_EQ(keys.size(), 18u);
}

TEST(DefaultTagbook, ShowsAnExecutiveNineKindsFirst) {
  int hour = 0;
  for (const TagKind& kind : default_tagbook().kinds) {
    hour += std::count(kind.sets.begin(), kind.sets.end(), "hour") ? 1 : 0;
  }
  EXPECT_EQ(hour, 9);
}

}  // namespace
}  // namespace earful
