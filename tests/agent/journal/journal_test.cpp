#include "agent/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "agent/journal/journal_reader.h"
#include "proto/event.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

JournalEntry entry(const std::string& raw) { return {EventId{make_uuid_v7(wall_now())}, raw}; }

std::vector<std::string> raws(const std::vector<JournalRow>& rows) {
  std::vector<std::string> out;
  for (const JournalRow& row : rows) out.push_back(row.raw);
  return out;
}

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() : journal_(*Journal::open(folder_.path())) {}

  void write(std::initializer_list<const char*> texts) {
    std::vector<JournalEntry> entries;
    for (const char* text : texts) entries.push_back(entry(text));
    ASSERT_TRUE(journal_->append(entries).ok());
  }

  std::vector<std::string> kept() {
    auto reader = JournalReader::open(folder_.path());
    return raws(*reader->rows(journal_->head().number, 1, 100, 1 << 20));
  }

  Result<void> verified() { return JournalReader::open(folder_.path())->verify(); }

  void reopen() {
    journal_.reset();
    journal_.emplace(*Journal::open(folder_.path()));
  }

  TemporaryFolder folder_;
  std::optional<Journal> journal_;
};

TEST_F(JournalTest, CountsFromOneAndChains) {
  write({"a", "b"});
  EXPECT_EQ(journal_->head().last_seq, 2u);
  EXPECT_EQ(journal_->head().last_chain,
            next_chain(next_chain({}, generichash("a")), generichash("b")));
}

TEST_F(JournalTest, IsTheSameAfterAReopen) {
  write({"a", "b"});
  const JournalHead before = journal_->head();
  reopen();
  EXPECT_EQ(journal_->head(), before);
  EXPECT_THAT(kept(), ElementsAre("a", "b"));
  EXPECT_TRUE(verified().ok());
}

TEST_F(JournalTest, LetsNoSecondProcessIn) {
  const auto second = Journal::open(folder_.path());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, "E_LOCKED");
}

TEST_F(JournalTest, FindsARowByItsEvent) {
  const JournalEntry wanted = entry("x");
  ASSERT_TRUE(journal_->append(std::vector{wanted}).ok());
  EXPECT_EQ((*journal_->find(wanted.event_id))->raw, "x");
  EXPECT_FALSE(journal_->find(EventId{}).value().has_value());
}

TEST_F(JournalTest, AForkCarriesOnlyWhatTheStoreMayLack) {
  write({"a", "b", "c"});
  journal_->set_stored_seq(1);
  const JournalId before = journal_->head().id;
  const auto again = journal_->fork("test");
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(raws(*again), ElementsAre("b", "c"));
  EXPECT_NE(journal_->head().id, before);
  EXPECT_EQ(journal_->head().last_seq, 2u);
  reopen();
  EXPECT_THAT(kept(), ElementsAre("b", "c"));
  EXPECT_TRUE(verified().ok());
}

TEST_F(JournalTest, SaysAllAgainToAStoreThatLacksTheClosedJournals) {
  write({"a", "b"});
  EXPECT_FALSE(*journal_->meet_store("old", 0));
  journal_->set_stored_seq(1);
  ASSERT_TRUE(journal_->fork("test").ok());
  write({"c"});
  EXPECT_FALSE(*journal_->meet_store("old", 0)) << "it has the closed one";
  EXPECT_TRUE(*journal_->meet_store("new", 0));
  EXPECT_THAT(kept(), ElementsAre("a", "b", "c"));
  reopen();
  EXPECT_FALSE(*journal_->meet_store("new", 0)) << "said again already";
  EXPECT_TRUE(verified().ok());
}

TEST_F(JournalTest, SaysAllAgainToAStoreThatWasPutBack) {
  write({"a"});
  EXPECT_FALSE(*journal_->meet_store("same", 0));
  journal_->set_stored_seq(1);
  ASSERT_TRUE(journal_->fork("test").ok());
  write({"b"});
  EXPECT_FALSE(*journal_->meet_store("same", 1));
  journal_->set_stored_seq(1);
  EXPECT_TRUE(*journal_->meet_store("same", 0));
  EXPECT_THAT(kept(), ElementsAre("a", "b"));
}

TEST_F(JournalTest, NeverBelievesMoreIsStoredThanItHas) {
  write({"a"});
  journal_->set_stored_seq(100);
  EXPECT_EQ(journal_->stored_seq(), 1u);
}

TEST_F(JournalTest, TrimmingKeepsTheChain) {
  write({"a", "b", "c"});
  const Chain at_b = next_chain(next_chain({}, generichash("a")), generichash("b"));
  EXPECT_EQ(*journal_->trim(2, wall_now() + std::chrono::hours(1)), 2);
  EXPECT_EQ(journal_->head().first_seq, 3u);
  EXPECT_EQ(journal_->head().chain_before_first, at_b);
  const JournalHead before = journal_->head();
  reopen();
  EXPECT_EQ(journal_->head(), before);
  EXPECT_THAT(kept(), ElementsAre("c"));
}

TEST_F(JournalTest, TrimsNothingYoungAndNeverTheLastRow) {
  write({"a", "b"});
  EXPECT_EQ(*journal_->trim(2, wall_now() - std::chrono::hours(1)), 0);
  EXPECT_EQ(*journal_->trim(2, wall_now() + std::chrono::hours(1)), 1);
  EXPECT_THAT(kept(), ElementsAre("b"));
}

TEST_F(JournalTest, StartsANewFileAfterAFailedSync) {
  write({"a", "b"});
  journal_->set_stored_seq(1);
  const auto moved = journal_->start_new_file("sync failed");
  ASSERT_TRUE(moved.ok()) << moved.error().message;
  EXPECT_THAT(raws(*moved), ElementsAre("b"));
  EXPECT_EQ(journal_->head().file, 1u);
  write({"c"});
  EXPECT_THAT(kept(), ElementsAre("b", "c"));
}

TEST_F(JournalTest, RefusesAFileOfANewerProgram) {
  journal_.reset();
  {
    auto db = Database::open(folder_.path() / "journal.db", {});
    ASSERT_TRUE(db->execute("UPDATE meta SET value = '2' WHERE key = 'format'").ok());
  }
  EXPECT_EQ(Journal::open(folder_.path()).error().code, "E_FUTURE");
}

TEST_F(JournalTest, SeesAFlippedBit) {
  write({"a", "b", "c"});
  journal_.reset();
  {
    auto db = Database::open(folder_.path() / "journal.db", {});
    ASSERT_TRUE(db->execute("UPDATE entries SET raw = x'62' WHERE seq = 3").ok());
  }
  journal_.emplace(*Journal::open(folder_.path()));
  EXPECT_EQ(verified().error().code, "E_CHAIN");
}

class ErasedJournalTest : public JournalTest {
 protected:
  ErasedJournalTest() {
    for (Event* event : {&first_, &second_}) {
      event->id = EventId{make_uuid_v7(wall_now())};
      event->source = StationId{make_uuid_v4()};
      event->personal.note = "a name that must go";
      event->payload = TagRetracted{event->id};
      const std::vector<JournalEntry> row{{event->id, encode_event(*event)}};
      EXPECT_TRUE(journal_->append(row).ok());
    }
    bare_ = *erase_personal(encode_event(first_));
  }
  Result<void> erase(const Event& event) { return journal_->erase(std::vector{event.id}); }

  Event first_, second_;
  std::string bare_;  // the first as it is erased
};

TEST_F(ErasedJournalTest, LosesTheWordsAndKeepsTheChain) {
  const JournalHead before = journal_->head();
  ASSERT_TRUE(erase(first_).ok());
  ASSERT_TRUE(erase(first_).ok()) << "told twice";
  EXPECT_THAT(kept(), ElementsAre(bare_, encode_event(second_)));
  EXPECT_EQ(journal_->head(), before);
  reopen();
  EXPECT_EQ(journal_->head(), before);
  EXPECT_TRUE(verified().ok());
}

TEST_F(ErasedJournalTest, IsSaidAgainWithoutTheWords) {
  ASSERT_TRUE(journal_->fork("test").ok());  // the words stand in two journals
  ASSERT_TRUE(erase(first_).ok());
  EXPECT_EQ((*journal_->find(first_.id))->raw, bare_);
  EXPECT_TRUE(*journal_->meet_store("another", 0));
  EXPECT_THAT(kept(), ElementsAre(bare_, encode_event(second_)));
  EXPECT_TRUE(verified().ok());
}

TEST_F(ErasedJournalTest, StillSeesAFlippedBit) {
  ASSERT_TRUE(erase(first_).ok());
  journal_.reset();
  {
    auto db = Database::open(folder_.path() / "journal.db", {});
    ASSERT_TRUE(db->execute("UPDATE entries SET raw = raw || x'62' WHERE seq = 2").ok());
  }
  EXPECT_EQ(verified().error().code, "E_CHAIN");
}

TEST_F(ErasedJournalTest, IsNotErasedInALogThatIsGone) {
  std::filesystem::remove(folder_.path() / "journal.db-wal");
  EXPECT_EQ(erase(first_).error().code, "E_DB_IO");
  ASSERT_TRUE(journal_->start_new_file("test").ok());
  ASSERT_TRUE(erase(first_).ok());
  reopen();
  EXPECT_EQ((*journal_->find(first_.id))->raw, bare_);
}

TEST_F(ErasedJournalTest, LeavesWhatIsNoEventAsItIs) {
  const JournalEntry damaged = entry("x");
  ASSERT_TRUE(journal_->append(std::vector{damaged}).ok());
  EXPECT_TRUE(journal_->erase(std::vector{damaged.event_id}).ok());
  EXPECT_EQ((*journal_->find(damaged.event_id))->raw, "x");
}

TEST_F(JournalTest, RefusesAFileThatIsNoDatabase) {
  journal_.reset();
  for (const char* suffix : {"-wal", "-shm"}) {
    std::filesystem::remove(folder_.path() / ("journal.db" + std::string(suffix)));
  }
  folder_.write("journal.db", std::string(8192, 'x'));
  EXPECT_EQ(Journal::open(folder_.path()).error().code, "E_DB_CORRUPT");
}

TEST_F(JournalTest, DropsATornTailAndKeepsWhatWasCommitted) {
  write({"a"});
  write({"b"});
  const auto wal = folder_.path() / "journal.db-wal";
  TemporaryFolder copy;
  for (const char* name : {"journal.db", "journal.db-wal"}) {
    std::filesystem::copy(folder_.path() / name, copy.path() / name);
  }
  // Behind the last frame the log is zeros.
  std::ifstream file(wal, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::resize_file(copy.path() / "journal.db-wal", bytes.find_last_not_of('\0') - 100);
  const auto torn = Journal::open(copy.path());
  ASSERT_TRUE(torn.ok());
  EXPECT_EQ(torn->head().last_seq, 1u);
}

}  // namespace
}  // namespace earful::agent
