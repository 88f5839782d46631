#include "collector/store/store.h"

#include <gmock/gmock.h>

#include "collector/store/store_reader.h"
#include "collector/store/verify.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() { reopen(); }

  void reopen() {
    store_.reset();
    auto opened = Store::open(path());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_.emplace(*std::move(opened));
  }
  std::filesystem::path path() const { return folder_.path() / "store.db"; }

  // Everything the store does not have yet of this station.
  Appended deliver(const FakeStation& station) {
    const JournalKey key{station.id, station.journal};
    std::vector<NewRow> rows;
    for (uint64_t seq = have(station) + 1; seq <= station.rows.size(); ++seq) {
      rows.push_back({key, seq, station.rows[seq - 1]});
    }
    auto done = store_->append(rows, kNoon);
    EXPECT_TRUE(done.ok());
    return done.ok() ? *done : Appended{};
  }
  JournalState state(const FakeStation& station) {
    return *store_->journal({station.id, station.journal});
  }
  uint64_t have(const FakeStation& station) { return state(station).have_seq; }
  std::vector<Record> records() {
    auto reader = StoreReader::open(path());
    return reader->read({store_->epoch(), 0}, kMaxReplay, {})->records;
  }
  Verification verified() { return *verify_store(path()); }

  TemporaryFolder folder_;
  std::optional<Store> store_;
  FakeStation station_;
};

TEST_F(StoreTest, KeepsRowsInTheirOrderWithTheirChain) {
  station_.tag();
  station_.tag();
  EXPECT_EQ(deliver(station_).stored, 2u);
  EXPECT_EQ(have(station_), 2u);
  EXPECT_EQ(state(station_).have_chain, station_.chains[2]);
  EXPECT_EQ(records()[1].raw, station_.rows[1]);
  EXPECT_EQ(records()[1].position.feed_seq, 2u);
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, KnowsAfterARestartWhatItHas) {
  station_.tag();
  deliver(station_);
  const StoreId id = store_->id();
  reopen();
  EXPECT_EQ(store_->id(), id);
  EXPECT_EQ(store_->head(), 1u);
  EXPECT_EQ(state(station_).have_chain, station_.chains[1]);
}

TEST_F(StoreTest, KeepsAnEventThatIsAppendedAgainAfterAForkOnce) {
  station_.tag();
  deliver(station_);
  FakeStation reopened = station_;
  reopened.journal = JournalId{make_uuid_v4()};
  reopened.tag();
  const Appended done = deliver(reopened);
  EXPECT_EQ(done.repeated, 1u);
  EXPECT_EQ(done.stored, 1u);
  EXPECT_EQ(have(reopened), 2u);
  EXPECT_EQ(records().size(), 2u);
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, QuarantinesOtherContentUnderAnIdItKnows) {
  Event event = station_.tag_event();
  station_.write(event);
  event.personal.note = "another note";
  station_.write(event);
  const Appended done = deliver(station_);
  EXPECT_EQ(done.ids_reused, 1u);
  EXPECT_EQ(records()[1].quarantine, "E_ID_REUSED");
  EXPECT_EQ(have(station_), 2u);
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, QuarantinesAnEventThatSaysItIsAnotherStations) {
  Event event = station_.tag_event();
  event.source = StationId{make_uuid_v4()};
  station_.write(event);
  deliver(station_);
  EXPECT_EQ(records()[0].quarantine, "E_SOURCE");
}

struct BadRow {
  const char* name;
  std::string raw;
  const char* reason;
};

class StoreQuarantineTest : public StoreTest, public testing::WithParamInterface<BadRow> {};

TEST_P(StoreQuarantineTest, KeepsWhatItCannotUseAndGoesOn) {
  station_.write_raw(GetParam().raw);
  station_.tag();
  deliver(station_);
  EXPECT_EQ(have(station_), 2u);
  ASSERT_EQ(records().size(), 2u);
  EXPECT_EQ(records()[0].quarantine, GetParam().reason);
  EXPECT_EQ(records()[0].raw, GetParam().raw);
  EXPECT_TRUE(verified().damage.empty());
}

std::string groups(int depth) { return std::string(size_t(depth), '\x0b'); }

INSTANTIATE_TEST_SUITE_P(
    Refusals, StoreQuarantineTest,
    testing::Values(BadRow{"Empty", "", "E_ID"}, BadRow{"TruncatedVarint", "\x0a", "E_DECODE"},
                    BadRow{"EndlessVarint", std::string(10, '\xff'), "E_DECODE"},
                    BadRow{"LyingLength", "\x0a\xff\xff\xff\xff\x07", "E_DECODE"},
                    BadRow{"DeepGroups", groups(101), "E_DEPTH"},
                    BadRow{"VeryDeepGroups", groups(60000), "E_DEPTH"},
                    BadRow{"TooLong", std::string(kMaxEventBytes + 1, '\0'), "E_SIZE"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(StoreTest, TellsOfEventsThatCanNoLongerCome) {
  station_.tag();
  deliver(station_);
  for (int i = 0; i < 4; ++i) station_.tag();
  const JournalKey key{station_.id, station_.journal};
  ASSERT_TRUE(store_->skip_to(key, 4, station_.chains[3], kNoon).ok());
  deliver(station_);
  EXPECT_EQ(have(station_), 5u);
  EXPECT_EQ(state(station_).have_chain, station_.chains[5]);
  const Verification found = verified();
  EXPECT_TRUE(found.damage.empty());
  ASSERT_EQ(found.gaps.size(), 1u);
  EXPECT_EQ(found.gaps[0].from_seq, 2u);
  EXPECT_EQ(found.gaps[0].to_seq, 3u);
  EXPECT_EQ(records()[1].seq, 3u);
  EXPECT_EQ(decode_event(records()[1].raw)->type, "earful.v1.JournalGap");
}

TEST_F(StoreTest, RemovesPersonalDataAndKeepsTheDigest) {
  const EventId tag = station_.tag();
  deliver(station_);
  station_.write(station_.event(Erased{{tag}, "asked"}));
  deliver(station_);
  const Record erased = records()[0];
  EXPECT_EQ(erased.digest, view(generichash(station_.rows[0])));
  EXPECT_TRUE(decode_event(erased.raw)->erased);
  EXPECT_EQ(decode_event(erased.raw)->personal, Personal{});
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, RemovesPersonalDataOfAnEventThatComesAfterItsErasure) {
  const Event tag = station_.tag_event();
  station_.write(station_.event(Erased{{tag.id}, "asked"}));
  deliver(station_);
  reopen();
  station_.write(tag);
  deliver(station_);
  EXPECT_EQ(decode_event(records()[1].raw)->personal, Personal{});
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, TakesTheErasedFormOfAnEventForTheSameEvent) {
  const EventId tag = station_.tag();
  station_.write(station_.event(Erased{{tag}, "asked"}));
  deliver(station_);
  FakeStation reopened = station_;
  reopened.journal = JournalId{make_uuid_v4()};
  reopened.rows = {*erase_personal(station_.rows[0])};
  EXPECT_EQ(deliver(reopened).repeated, 1u);
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, TakesTheErasedFormForWhatItHasWithItsWords) {
  station_.tag();
  deliver(station_);
  FakeStation reopened = station_;
  reopened.journal = JournalId{make_uuid_v4()};
  reopened.rows = {*erase_personal(station_.rows[0])};
  EXPECT_EQ(deliver(reopened).repeated, 1u);
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, DoesNotTakeTheWordsOfWhatItOnlyHasErased) {
  station_.write_raw(*erase_personal(encode_event(station_.tag_event())));
  deliver(station_);
  Event worded = *decode_event(station_.rows[0]);
  worded.erased = false;
  worded.personal.note = "a name that must not come back";
  FakeStation copy = station_;
  copy.journal = JournalId{make_uuid_v4()};
  copy.rows = {encode_event(worded)};
  EXPECT_EQ(deliver(copy).repeated, 1u);
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0].raw, station_.rows[0]);
  EXPECT_TRUE(verified().damage.empty());
}

TEST_F(StoreTest, KeepsNothingOfABatchThatCannotBeCommitted) {
  station_.tag();
  station_.tag();
  auto other = Database::open(path(), {});
  ASSERT_TRUE(other
                  ->execute("CREATE TRIGGER full BEFORE INSERT ON events WHEN new.seq=2 BEGIN "
                            "SELECT RAISE(ABORT, 'full'); END")
                  .ok());
  const JournalKey key{station_.id, station_.journal};
  const std::vector<NewRow> rows{{key, 1, station_.rows[0]}, {key, 2, station_.rows[1]}};
  EXPECT_FALSE(store_->append(rows, kNoon).ok());
  EXPECT_EQ(store_->head(), 0u);
  EXPECT_EQ(have(station_), 0u);
  ASSERT_TRUE(other->execute("DROP TRIGGER full").ok());
  EXPECT_EQ(store_->append(rows, kNoon)->stored, 2u);
}

TEST_F(StoreTest, RefusesAStoreOfANewerFormat) {
  store_.reset();
  auto db = Database::open(path(), {});
  ASSERT_TRUE(db->execute("UPDATE meta SET value=2 WHERE key='format'").ok());
  EXPECT_EQ(Store::open(path()).error().code, "E_VERSION");
  EXPECT_EQ(StoreReader::open(path()).error().code, "E_VERSION");
}

TEST_F(StoreTest, ReadsAPageAndSaysWhereToGoOn) {
  for (int i = 0; i < 5; ++i) station_.tag();
  deliver(station_);
  auto reader = StoreReader::open(path());
  const auto first = reader->read({store_->epoch(), 0}, 2, {});
  EXPECT_EQ(first->records.size(), 2u);
  EXPECT_EQ(first->next.feed_seq, 2u);
  EXPECT_EQ(first->head.feed_seq, 5u);
  EXPECT_EQ(reader->read(first->next, 100, {})->next, first->head);
}

TEST_F(StoreTest, StartsAtTheFirstRecordForAPositionOfAnotherLife) {
  station_.tag();
  deliver(station_);
  auto reader = StoreReader::open(path());
  EXPECT_EQ(reader->read({store_->epoch() + 1, 1}, 10, {})->records.size(), 1u);
  EXPECT_EQ(reader->read({store_->epoch(), 7}, 10, {})->records.size(), 1u);
  EXPECT_EQ(reader->read({store_->epoch(), 1}, 10, {})->records.size(), 0u);
}

TEST_F(StoreTest, BoundsAPageInBytes) {
  for (int i = 0; i < 40; ++i) station_.write_raw(std::string(40 * 1024, char('a' + i % 26)));
  deliver(station_);
  auto reader = StoreReader::open(path());
  EXPECT_EQ(reader->read({}, 1024, {})->records.size(), 12u);
}

TEST_F(StoreTest, FiltersByTypeAndStation) {
  station_.tag();
  station_.write(station_.event(CallStarted{}));
  deliver(station_);
  auto reader = StoreReader::open(path());
  EXPECT_EQ(reader->read({}, 10, {{"earful.v1.Tagged"}, {}})->records.size(), 1u);
  EXPECT_EQ(reader->read({}, 10, {{}, {StationId{make_uuid_v4()}}})->records.size(), 0u);
  EXPECT_EQ(reader->read({}, 10, {{"earful.v1.Tagged"}, {}})->next.feed_seq, 2u);
}

TEST_F(StoreTest, ReadsAgainAfterAnUpgradeWhatWasTooNew) {
  station_.tag();
  deliver(station_);
  auto db = Database::open(path(), {});
  ASSERT_TRUE(db->execute("UPDATE events SET reason='E_NEWER', event_id=NULL").ok());
  EXPECT_EQ(*store_->reread_newer(), 1u);
  EXPECT_EQ(records()[0].quarantine, "");
  EXPECT_EQ(records()[0].position.feed_seq, 2u);
  EXPECT_EQ(*store_->reread_newer(), 0u);
  EXPECT_TRUE(verified().damage.empty());
}

class VerifyTest : public StoreTest {
 protected:
  VerifyTest() {
    station_.tag();
    station_.tag();
    deliver(station_);
  }
  // Damages the closed store; how many faults are found then.
  size_t faults_after(const char* damage) {
    store_.reset();
    auto db = Database::open(path(), {});
    EXPECT_TRUE(db->execute(damage).ok());
    return verified().damage.size();
  }
};

TEST_F(VerifyTest, FindsARowThatWasChanged) {
  EXPECT_GT(faults_after("UPDATE events SET raw=x'00' WHERE seq=1"), 0u);
}
TEST_F(VerifyTest, FindsARowThatWasTakenOut) {
  EXPECT_GT(faults_after("DELETE FROM events WHERE seq=1"), 0u);
}
TEST_F(VerifyTest, FindsALastRowThatWasTakenOut) {
  EXPECT_GT(faults_after("DELETE FROM events WHERE seq=2"), 0u);
}
TEST_F(VerifyTest, FindsAJournalThatSaysMoreThanItHas) {
  EXPECT_GT(faults_after("UPDATE journals SET have_seq=3"), 0u);
}
TEST_F(VerifyTest, FindsAnIdThatIsNotTheEvents) {
  EXPECT_GT(faults_after("UPDATE events SET event_id=x'00' WHERE seq=1"), 0u);
}
TEST_F(VerifyTest, GivesOneDigestWhateverTheFeedOrder) {
  const std::string before = *store_digest(path());
  EXPECT_EQ(faults_after("UPDATE events SET feed_seq=feed_seq+10"), 0u);
  EXPECT_EQ(*store_digest(path()), before);
}

}  // namespace
}  // namespace earful::collector
