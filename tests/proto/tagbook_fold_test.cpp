#include "proto/tagbook_fold.h"

#include <gmock/gmock.h>

#include "proto/tagbook.h"

namespace earful {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class TagbookFoldTest : public testing::Test {
 protected:
  void add(Payload payload) {
    Event event;
    event.payload = std::move(payload);
    EXPECT_TRUE(book_.add(event));
  }
  void define(const std::string& id, const std::string& label) {
    add(TagKindDefined{{.id = id, .labels = {{"en", label}}}});
  }
  std::vector<std::string> shown() const {
    std::vector<std::string> ids;
    for (const TagKind& kind : book_.kinds()) ids.push_back(kind.id);
    return ids;
  }

  TagbookFold book_;
};

TEST_F(TagbookFoldTest, HasTheDefaultKindsWithoutAnyEvent) {
  EXPECT_EQ(book_.kinds(), default_tagbook().kinds);
}

TEST_F(TagbookFoldTest, PassesOverEverythingElse) {
  Event tagged;
  tagged.payload = Tagged{.kind = "fault"};
  EXPECT_FALSE(book_.add(tagged));
}

TEST_F(TagbookFoldTest, MergesAKindThatWasMergedAtItsRoot) {
  add(TagKindMerged{"a", "b"});
  add(TagKindMerged{"a", "c"});
  EXPECT_EQ(book_.root("a"), "c");
  EXPECT_EQ(book_.root("b"), "c");
}

TEST_F(TagbookFoldTest, HasARootInARing) {
  add(TagKindMerged{"a", "b"});
  add(TagKindMerged{"b", "a"});
  EXPECT_EQ(book_.root("a"), "b");
  EXPECT_EQ(book_.root("b"), "b");
}

TEST_F(TagbookFoldTest, BringsARetiredKindBackWhenItIsDefinedAgain) {
  add(TagKindRetired{"fault"});
  EXPECT_THAT(shown(), testing::Not(testing::Contains("fault")));
  EXPECT_TRUE(book_.view("fault")->retired);
  define("fault", "Did not work");
  EXPECT_THAT(shown(), testing::Contains("fault"));
}

TEST_F(TagbookFoldTest, KeepsAMergedKindMergedWhateverIsSaidOfIt) {
  add(TagKindMerged{"fault", "idea"});
  define("fault", "Back again");
  EXPECT_EQ(book_.view("fault")->merged_into, "idea");
}

TEST_F(TagbookFoldTest, CountsEveryChangeSoThatTwoApartAreNoticed) {
  add(TagKindDefined{{.id = "fault", .revision = 2}});
  add(TagKindDefined{{.id = "fault", .revision = 2}});  // somebody else, at the same time
  EXPECT_EQ(book_.find("fault")->revision, 3u);
  add(TagKindRetired{"fault"});
  EXPECT_EQ(book_.find("fault")->revision, 4u);
}

TEST_F(TagbookFoldTest, KeepsThePanelsOfAKindThatSaysNone) {
  define("wrong-charge", "Charged twice");
  EXPECT_THAT(book_.find("wrong-charge")->sets, ElementsAre("hour", "desk"));
}

TEST_F(TagbookFoldTest, KeepsTheHintsOfAWriterWhoKnowsOneLanguageWhileThatOneIsTheSame) {
  const TagKind before = *book_.find("fault");
  add(TagKindDefined{{.id = "fault", .labels = {{"en", "Broken"}}, .hint = before.hint}});
  EXPECT_EQ(book_.find("fault")->hints, before.hints);
  add(TagKindDefined{{.id = "fault", .labels = {{"en", "Broken"}}, .hint = "Now another"}});
  EXPECT_THAT(book_.find("fault")->hints, ElementsAre(Pair("en", "Now another")));
}

TEST_F(TagbookFoldTest, TakesWhatOnlyTheOneHintSaysForEnglish) {
  add(TagKindDefined{{.id = "x", .hint = "When", .hints = {{"he", "מתי"}}}});
  EXPECT_THAT(book_.find("x")->hints, ElementsAre(Pair("en", "When"), Pair("he", "מתי")));
  add(TagKindDefined{{.id = "x", .hint = "מתי", .hints = {{"he", "מתי"}}}});
  EXPECT_THAT(book_.find("x")->hints, ElementsAre(Pair("he", "מתי")));
}

TEST_F(TagbookFoldTest, TakesAllHintsAwayWithTheOne) {
  add(TagKindDefined{{.id = "fault"}});
  EXPECT_THAT(book_.find("fault")->hints, IsEmpty());
}

TEST_F(TagbookFoldTest, RemembersWhatAKindWasCalled) {
  define("fault", "Broken");
  define("fault", "Out of order");
  define("fault", "Broken");
  EXPECT_THAT(book_.former_labels("fault"), ElementsAre("Did not work", "Broken", "Out of order"));
}

}  // namespace
}  // namespace earful
