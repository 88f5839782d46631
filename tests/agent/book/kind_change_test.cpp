#include "agent/book/kind_change.h"

#include <gmock/gmock.h>

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class KindChangeTest : public testing::Test {
 protected:
  void add(Payload payload) {
    Event event;
    event.payload = std::move(payload);
    book_.add(event);
  }
  static KindChange parking() {
    KindChange change;
    change.family = "response";
    change.labels = {{"en", "Parking"}};
    return change;
  }
  std::string define(const KindChange& change, const std::string& id = "") {
    return code_of(define_kind(book_, id, change, near_));
  }
  std::string revise(const std::string& id, const KindChange& change) {
    return code_of(revise_kind(book_, id, change, near_));
  }
  // A change of the kind as it is now.
  KindChange of(const std::string& id) {
    KindChange change;
    change.revision = book_.find(id)->revision;
    return change;
  }
  template <class T>
  std::string code_of(const Result<T>& result) {
    message_ = result.ok() ? "" : result.error().message;
    return result.ok() ? "" : result.error().code;
  }

  TagbookFold book_;
  std::vector<KindView> near_;
  std::string message_;
};

TEST_F(KindChangeTest, DefinesAKindBehindTheOthersWithAnIdFromItsName) {
  const TagKind kind = **define_kind(book_, "", parking(), near_);
  EXPECT_EQ(kind.id, "parking");
  EXPECT_EQ(kind.order, 19u);
  EXPECT_EQ(kind.key, "");
  EXPECT_THAT(kind.sets, ElementsAre("desk"));
}

TEST_F(KindChangeTest, MakesAnIdOfItsOwnForEveryName) {
  EXPECT_EQ(free_kind_id(book_, {{"en", "  Long-wait!! "}}), "long-wait-2");
  EXPECT_EQ(free_kind_id(book_, {{"he", "חניה"}}), "kind");
  add(TagKindMerged{"kind", "idea"});  // its tags are there, whatever it was
  EXPECT_EQ(free_kind_id(book_, {{"he", "חניה"}}), "kind-2");
}

TEST_F(KindChangeTest, RefusesAnIdThatIsTakenOrOdd) {
  KindChange change = parking();
  EXPECT_EQ(define(change, "fault"), "E_EXISTS");
  EXPECT_THAT(message_, HasSubstr("Did not work"));
  EXPECT_EQ(define(change, "Ä"), "E_FIELD");
  EXPECT_EQ(define(change, std::string(41, 'a')), "E_FIELD");
}

TEST_F(KindChangeTest, RefusesWhatDoesNotFit) {
  const auto refused = [&](auto alter) {
    KindChange change = parking();
    alter(change);
    return define(change) == "E_FIELD" && !message_.empty();
  };
  EXPECT_TRUE(refused([](KindChange& c) { c.labels = {}; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.labels = {{"en", " \u200b\u00a0 "}}; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.labels["en"] = std::string(201, 'x'); }));
  EXPECT_TRUE(refused([](KindChange& c) { c.labels["en"] = "a\nb"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.labels["en"] = "a\u202eb"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.labels["<b>"] = "b"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.family = "none"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.family.reset(); }));
  EXPECT_TRUE(refused([](KindChange& c) { c.hint = std::string(401, 'x'); }));
  EXPECT_TRUE(refused([](KindChange& c) { c.hints["ko"] = std::string(401, 'x'); }));
  EXPECT_TRUE(refused([](KindChange& c) { c.hints["ko"] = "a\nb"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.hints["<b>"] = "b"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.key = "KeyJ"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.shape = "line"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.lead_ms = 60001; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.lag_ms = -1; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.severity = 1.5; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.order = 1e9; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.opens = "a-door"; }));
  EXPECT_TRUE(refused([](KindChange& c) { c.sets = {"all"}; }));
}

TEST_F(KindChangeTest, TakesANameOf200BytesInAnyScript) {
  KindChange change = parking();
  change.labels = {
      {"en", "<script>alert(1)</script>"}, {"he", "\u200fחניה"}, {"lo", std::string(200, 'x')}};
  EXPECT_EQ(define(change), "");
}

TEST_F(KindChangeTest, NamesTheHolderOfAKey) {
  KindChange change = parking();
  change.key = "KeyQ";
  EXPECT_EQ(define(change), "E_KEY");
  EXPECT_THAT(message_, HasSubstr("Charged wrongly"));
  add(TagKindRetired{"wrong-charge"});
  EXPECT_EQ(define(change), "");
}

TEST_F(KindChangeTest, AnswersANameThatIsNearWithTheKindsThatHaveIt) {
  KindChange change = parking();
  change.labels["en"] = "long wait";
  EXPECT_EQ(define(change), "E_NEAR");
  ASSERT_EQ(near_.size(), 1u);
  EXPECT_EQ(near_[0].kind.id, "long-wait");
  change.sure = true;
  EXPECT_EQ(define(change), "");
}

TEST_F(KindChangeTest, ChangesNothingButWhatItSays) {
  KindChange change = of("fault");
  change.labels = {{"en", "Broken down"}};
  const TagKind before = *book_.find("fault");
  TagKind kind = **revise_kind(book_, "fault", change, near_);
  EXPECT_EQ(kind.labels.at("en"), "Broken down");
  EXPECT_EQ(kind.labels.at("he"), before.labels.at("he"));
  EXPECT_EQ(kind.revision, 2u);
  kind.labels = before.labels;
  kind.revision = before.revision;
  EXPECT_EQ(kind, before);
}

TEST_F(KindChangeTest, ChangesHintsByLanguageAndTheOneWithThem) {
  const auto hints = [&](const KindChange& change) {
    add(TagKindDefined{**revise_kind(book_, "fault", change, near_)});
    return book_.find("fault")->hints;
  };
  KindChange change = of("fault");
  change.hints = {{"he", " כשזה נשבר "}, {"ko", ""}, {"lo", ""}};
  EXPECT_THAT(hints(change), ElementsAre(Pair("en", testing::_), Pair("he", "כשזה נשבר")));
  change = of("fault");
  change.hint = "When it breaks";
  EXPECT_THAT(hints(change), ElementsAre(Pair("en", "When it breaks"), Pair("he", "כשזה נשבר")));
  EXPECT_EQ(book_.find("fault")->hint, "When it breaks");
  change = of("fault");
  change.hints = {{"en", ""}};
  EXPECT_THAT(hints(change), ElementsAre(Pair("he", "כשזה נשבר")));
  EXPECT_EQ(book_.find("fault")->hint, "כשזה נשבר");
  change = of("fault");
  change.hint = "כשזה נשבר";  // as it was read
  EXPECT_FALSE(revise_kind(book_, "fault", change, near_)->has_value());
}

TEST_F(KindChangeTest, OfTwoWhoChangedOneKindTheSecondIsTold) {
  KindChange change = of("fault");
  change.hint = "Mine";
  add(TagKindDefined{{.id = "fault", .labels = {{"en", "Theirs"}}, .revision = 2}});
  EXPECT_EQ(revise("fault", change), "E_REVISION");
  EXPECT_THAT(message_, HasSubstr("Theirs"));
  change.revision.reset();
  EXPECT_EQ(revise("fault", change), "E_FIELD");
}

TEST_F(KindChangeTest, WhatIsSoAlreadyIsNoChange) {
  KindChange change = of("fault");
  change.revision = 77;  // also when the answer to the first try was lost
  change.key = "KeyW";
  EXPECT_FALSE(revise_kind(book_, "fault", change, near_)->has_value());
}

TEST_F(KindChangeTest, ARetiredKindIsBroughtBackBeforeItIsChanged) {
  add(TagKindRetired{"fault"});
  KindChange change = of("fault");
  change.hint = "x";
  EXPECT_EQ(revise("fault", change), "E_RETIRED");
  EXPECT_EQ((*restore_kind(book_, "fault", change, near_))->hint, "x");
  EXPECT_FALSE(restore_kind(book_, "idea", of("idea"), near_)->has_value());
}

TEST_F(KindChangeTest, ABroughtBackKindFindsItsKeyTaken) {
  add(TagKindRetired{"fault"});
  add(TagKindDefined{{.id = "mine", .labels = {{"en", "Mine"}}, .key = "KeyW"}});
  KindChange change = of("fault");
  EXPECT_EQ(code_of(restore_kind(book_, "fault", change, near_)), "E_KEY");
  change.key = "";
  EXPECT_EQ(code_of(restore_kind(book_, "fault", change, near_)), "");
}

TEST_F(KindChangeTest, MergesOnlyWhatCanCountElsewhere) {
  const auto merge = [&](const char* from, const char* into) {
    return code_of(may_merge(book_, from, into, {}));
  };
  EXPECT_EQ(merge("fault", "nothing"), "E_NO_KIND");
  EXPECT_EQ(merge("nothing", "fault"), "E_NO_KIND");
  EXPECT_EQ(merge("fault", "fault"), "E_RING");
  EXPECT_EQ(merge("fault", "idea"), "");
  add(TagKindMerged{"fault", "idea"});
  EXPECT_EQ(merge("idea", "fault"), "E_RING");
  EXPECT_EQ(merge("fault", "serious"), "E_MERGED");
  EXPECT_EQ(merge("serious", "fault"), "");  // into its root
  EXPECT_FALSE(*may_merge(book_, "fault", "idea", {}));
  add(TagKindRetired{"idea"});
  EXPECT_EQ(merge("serious", "idea"), "E_RETIRED");
  EXPECT_EQ(code_of(may_merge(book_, "serious", "long-wait", 9)), "E_REVISION");
}

TEST_F(KindChangeTest, AMergedKindIsChangedAtItsRoot) {
  add(TagKindMerged{"fault", "idea"});
  EXPECT_EQ(revise("fault", of("fault")), "E_MERGED");
  EXPECT_EQ(code_of(may_retire(book_, "fault", {})), "E_MERGED");
  EXPECT_THAT(message_, HasSubstr("idea"));
}

TEST_F(KindChangeTest, RetiresOnce) {
  EXPECT_TRUE(*may_retire(book_, "fault", {}));
  EXPECT_EQ(code_of(may_retire(book_, "fault", 9)), "E_REVISION");
  add(TagKindRetired{"fault"});
  EXPECT_FALSE(*may_retire(book_, "fault", {}));
}

}  // namespace
}  // namespace earful::agent
