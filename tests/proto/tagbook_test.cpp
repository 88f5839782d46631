#include "proto/tagbook.h"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(DefaultTagbook, SaysWhenToPressInFourLanguagesAndNamesNoId) {
  for (const TagKind& kind : default_tagbook().kinds) {
    EXPECT_EQ(kind.hint, kind.hints.at("en")) << kind.id;
    for (const char* language : {"en", "he", "ko", "lo"}) {
      const std::string& hint = kind.hints.at(language);
      EXPECT_FALSE(hint.empty()) << kind.id << " " << language;
      EXPECT_LE(hint.size(), 400u) << kind.id << " " << language;
      for (const TagKind& other : default_tagbook().kinds) {
        if (other.id.find('-') == std::string::npos) continue;  // a word like any other
        EXPECT_EQ(hint.find(other.id), std::string::npos) << kind.id << " " << language;
      }
    }
  }
}

TEST(DefaultTagbook, CallsAnotherKindByItsNameInEveryLanguage) {
  const auto& kinds = default_tagbook().kinds;
  const auto kind = [&](const char* id) {
    return *std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.id == id; });
  };
  for (const auto& [language, hint] : kind("broken-promise").hints) {
    EXPECT_NE(hint.find(kind("nobody-called-back").labels.at(language)), std::string::npos) << hint;
  }
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
