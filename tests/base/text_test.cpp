#include "base/text.h"

#include <gtest/gtest.h>

namespace earful {
namespace {

TEST(Text, FindsWhatSteersATerminalOrTurnsALine) {
  for (const char* text :
       {"a\nb", "\x1b[31m", "a\x7f", "a\u0085b", "a\u2028b", "\u202eevil", "a\u2066b\u2069"}) {
    EXPECT_TRUE(has_controls(text)) << text;
  }
}

TEST(Text, LeavesEveryScriptAlone) {
  for (const char* text : {"", "Charged wrongly", "חיוב\u200f שגוי", "청구 오류", "ເກັບເງິນຜິດ",
                           "“—” 🙂", "\xe2", "\xe2\x80"}) {
    EXPECT_FALSE(has_controls(text)) << text;
    EXPECT_EQ(without_controls(text), text);
  }
}

TEST(Text, PutsOneMarkInPlaceOfEach) { EXPECT_EQ(without_controls("a\nb\u202ec\u0085"), "a?b?c?"); }

}  // namespace
}  // namespace earful
