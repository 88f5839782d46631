#include "collector/feed/desk.h"

#include <gmock/gmock.h>

#include "collector/store/customer_index.h"
#include "collector/store/store.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

class DeskTest : public testing::Test {
 protected:
  DeskTest()
      : store_(*Store::open(folder_.path() / "store.db")),
        desk_(*StoreReader::open(folder_.path() / "store.db"),
              *Keystore::open(folder_.path() / "keys.db"),
              {folder_.path() / "customers.db", folder_.path() / "store.db"}) {}

  Result<void> index() {
    const std::atomic<bool> go_on{false};
    return CustomerIndex::open(folder_.path() / "customers.db", folder_.path() / "store.db")
        ->catch_up(go_on);
  }

  void deliver() {
    const JournalKey key{station_.id, station_.journal};
    for (uint64_t seq = store_.journal(key)->have_seq + 1; seq <= station_.rows.size(); ++seq) {
      ASSERT_TRUE(
          store_.append(std::vector<NewRow>{{key, seq, station_.rows[seq - 1]}}, kNoon).ok());
    }
  }
  template <class Kind>
  Kind ask(decltype(DeskRequest::request) request, Role role = Role::kReader) {
    const DeskReply reply =
        desk_.answer({"key", "name", role}, encode(DeskRequest{7, request}), kNoon);
    EXPECT_EQ(reply.request_id, 7u);
    const auto* found = std::get_if<Kind>(&reply.reply);
    EXPECT_NE(found, nullptr);
    return found ? *found : Kind{};
  }
  std::vector<std::string> kinds() {
    std::vector<std::string> ids;
    for (const TagKind& kind : ask<Tagbook>(GetTagbook{}).kinds) ids.push_back(kind.id);
    return ids;
  }

  TemporaryFolder folder_;
  Store store_;
  Desk desk_;
  FakeStation station_;
};

TEST_F(DeskTest, ReplaysAPage) {
  station_.tag();
  deliver();
  const Page page = ask<Page>(Replay{{store_.epoch(), 0}, 100, {}});
  EXPECT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.next, page.head);
}

TEST_F(DeskTest, OpensNothingButEnrolToAnInvitation) {
  EXPECT_EQ(ask<Refused>(Replay{}, Role::kEnroll).code, "E_ROLE");
  EXPECT_EQ(ask<Refused>(GetTagbook{}, Role::kEnroll).code, "E_ROLE");
  EXPECT_EQ(ask<Refused>(Enroll{}, Role::kReader).code, "E_ROLE");
  EXPECT_EQ(ask<Refused>(Enroll{}, Role::kStation).code, "E_ROLE");
}

TEST_F(DeskTest, TellsACustomersPastToStationsOnly) {
  Event tag = station_.tag_event("fault");
  tag.personal.customer_key = "k1:dana";
  station_.write(tag);
  deliver();
  EXPECT_EQ(ask<Refused>(GetCustomer{"k1:dana"}, Role::kStation).code, "E_LATER");
  ASSERT_TRUE(index().ok());
  EXPECT_EQ(ask<Customer>(GetCustomer{"k1:dana"}, Role::kStation).problems.at(0).note, "a note");
  EXPECT_EQ(ask<Refused>(GetCustomer{"k1:dana"}, Role::kReader).code, "E_ROLE");
  EXPECT_EQ(ask<Refused>(GetCustomer{"k1:dana"}, Role::kEnroll).code, "E_ROLE");
  EXPECT_EQ(ask<Refused>(GetCustomer{}, Role::kStation).code, "E_REQUEST");
}

TEST_F(DeskTest, EnrolsANewcomer) {
  const CurveKeys pair = *desk_.keys().invite("board", Role::kReader, kNoon);
  const auto invitation = **desk_.keys().find(pair.public_key, kNoon);
  const Enroll enroll{"board", make_curve_keys().public_key, std::nullopt};
  const DeskReply reply = desk_.answer(invitation, encode(DeskRequest{1, enroll}), kNoon);
  EXPECT_EQ(std::get<Enrolled>(reply.reply).role, "reader");
  EXPECT_EQ(std::get<Enrolled>(reply.reply).store_id, store_.id());
}

TEST_F(DeskTest, RefusesWhatIsNoRequest) {
  const DeskReply reply = desk_.answer({"key", "name", Role::kReader}, "\xff\xff", kNoon);
  EXPECT_EQ(std::get<Refused>(reply.reply).code, "E_REQUEST");
  EXPECT_EQ(ask<Refused>(std::monostate{}).code, "E_REQUEST");
}

TEST_F(DeskTest, GivesTheDefaultTagbookWithoutAnyEvent) { EXPECT_EQ(kinds().size(), 18u); }

TEST_F(DeskTest, FoldsEventsIntoTheTagbook) {
  TagKind kind;
  kind.id = "parking";
  kind.order = 99;
  station_.write(station_.event(TagKindDefined{kind}));
  station_.write(station_.event(TagKindRetired{"fault"}));
  station_.write(station_.event(TagKindMerged{"repeat-contact", "passed-around"}));
  deliver();
  EXPECT_THAT(kinds(), testing::Contains("parking"));
  EXPECT_THAT(kinds(), testing::Not(testing::Contains("fault")));
  EXPECT_THAT(kinds(), testing::Not(testing::Contains("repeat-contact")));
}

}  // namespace
}  // namespace earful::collector
