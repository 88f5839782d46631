#include "agent/journal/journal_scribe.h"

#include <sys/mount.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "proto/tagbook.h"
#include "tests/agent/journal/scribe_fixture.h"

namespace earful::agent {
namespace {

// A disk of 32 megabytes, of which the logs take 20.
class FullDiskTest : public ScribeTest {
 protected:
  void SetUp() override {
    scribe_.reset();
    mounted_ = mount("tmpfs", disk().c_str(), "tmpfs", 0, "size=32m,mode=0700") == 0;
    if (!mounted_) GTEST_SKIP() << "mounting a small disk: " << std::strerror(errno);
    std::ofstream(disk() / "held") << std::string(4 << 20, 'x');
    make_room_ = [this] {
      ++asked_;
      return std::filesystem::remove(disk() / "held");
    };
    start();
    std::ofstream(disk() / "other") << std::string(32 << 20, 'x');
  }
  void TearDown() override {
    scribe_.reset();
    if (mounted_) umount2(disk().c_str(), MNT_DETACH);
  }
  std::filesystem::path disk() const { return folder_.path(); }

  bool mounted_ = false;
  std::atomic<int> asked_{0};
};

TEST_F(FullDiskTest, SavesIntoTheRoomThatIsMadeForIt) {
  const std::string note(size_t(1) << 10, 'n');
  size_t saved = 0;
  while (asked_ == 0) {
    ASSERT_TRUE(save(tag(note)).ok());
    ++saved;
  }
  for (int more = 0; more < 20; ++more, ++saved) ASSERT_TRUE(save(tag(note)).ok());
  EXPECT_EQ(tags().size(), saved);
}

TEST_F(FullDiskTest, SaysThatNothingIsSavedOnceAllRoomIsUsed) {
  const std::string note(size_t(1) << 10, 'n');
  Result<Saved> refused = Saved{};
  while (refused.ok()) refused = save(tag(note));
  EXPECT_EQ(refused.error().code, "E_NOT_SAVED");
  std::filesystem::remove(disk() / "other");
  EXPECT_TRUE(save(tag(note)).ok());
}

TEST_F(ScribeTest, AnsweredMeansItCanBeRead) {
  const Event made = tag("note");
  const auto saved = save(made);
  ASSERT_TRUE(saved.ok());
  EXPECT_EQ(saved->seq, 1u);
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].note, "note");
  EXPECT_FALSE(tags()[0].in_store);
}

TEST_F(ScribeTest, ARetryIsTheSameEvent) {
  const Event made = tag();
  save(made).value();
  Event again = made;
  again.time += std::chrono::seconds(3);
  const auto saved = save(again);
  ASSERT_TRUE(saved.ok());
  EXPECT_TRUE(saved->repeated);
  EXPECT_EQ(saved->seq, 1u);
  EXPECT_EQ(scribe_->head().last_seq, 1u);
}

TEST_F(ScribeTest, OtherContentUnderTheSameIdIsAConflict) {
  Event made = tag();
  save(made).value();
  made.personal.note = "other";
  EXPECT_EQ(save(made).error().code, "E_CONFLICT");
}

TEST_F(ScribeTest, UndoTakesTheTagAwayAndCanBeSaidTwice) {
  const Event made = tag();
  save(made).value();
  ASSERT_TRUE(save(event(TagRetracted{made.id})).ok());
  EXPECT_TRUE(tags().empty());
  EXPECT_TRUE(save(event(TagRetracted{made.id})).value().repeated);
}

TEST_F(ScribeTest, NobodyCanUndoATagThatIsNot) {
  EXPECT_EQ(save(event(TagRetracted{EventId{make_uuid_v7(wall_now())}})).error().code, "E_NO_TAG");
}

TEST_F(ScribeTest, ManyAtOnceAreAllSavedOnce) {
  std::vector<std::future<Result<Saved>>> answers;
  for (int i = 0; i < 500; ++i) {
    auto promise = std::make_shared<std::promise<Result<Saved>>>();
    answers.push_back(promise->get_future());
    scribe_->append(tag(), [promise](Result<Saved> saved) { promise->set_value(saved); });
  }
  std::set<uint64_t> seqs;
  for (auto& answer : answers) seqs.insert(answer.get().value().seq);
  EXPECT_EQ(seqs.size(), 500u);
  EXPECT_EQ(tags().size(), 500u);
}

TEST_F(ScribeTest, DeliveredFollowsTheStoreBothWays) {
  const JournalId journal = scribe_->head().id;
  save(tag()).value();
  scribe_->delivered(journal, 1, 0, "store");
  save(tag()).value();
  EXPECT_TRUE(tags()[0].in_store);
  EXPECT_FALSE(tags()[1].in_store);
  scribe_->delivered(journal, 0, 0, "store");
  save(tag()).value();
  EXPECT_FALSE(tags()[0].in_store);
}

TEST_F(ScribeTest, AForkKeepsEveryTagAndSendsTheUnstoredAgain) {
  const JournalId journal = scribe_->head().id;
  save(tag()).value();
  save(tag()).value();
  scribe_->delivered(journal, 1, 0, "store");
  scribe_->fork(journal, "test");
  scribe_->fork(journal, "told twice");
  save(tag()).value();
  EXPECT_NE(scribe_->head().id, journal);
  EXPECT_EQ(scribe_->head().last_seq, 2u);  // one again, one new
  EXPECT_EQ(tags().size(), 3u);
  EXPECT_TRUE(tags()[0].in_store);
  EXPECT_FALSE(tags()[1].in_store);
  EXPECT_TRUE(tags()[0].own);  // can still be undone here
}

TEST_F(ScribeTest, OneKindIsWhatTheListOfAllSaysOfIt) {
  const auto agree = [&](const std::string& id, const std::string& root) {
    State state = *State::open(folder_.path() / "state.db", true);
    const auto one = *state.kind(id);
    const auto all = *state.kinds();
    const auto listed =
        std::find_if(all.begin(), all.end(), [&](const auto& view) { return view.kind.id == id; });
    ASSERT_EQ(one.has_value(), listed != all.end()) << id;
    if (!one) return;
    EXPECT_EQ(one->kind.lead_ms, listed->kind.lead_ms);
    EXPECT_EQ(one->merged_into, listed->merged_into);
    EXPECT_EQ(one->merged_into, root);
  };
  const std::string first = default_tagbook().kinds[0].id;
  agree(first, "");
  agree("mine", "");
  save(event(TagKindDefined{{.id = "mine", .lead_ms = 77}})).value();
  save(event(TagKindMerged{first, "mine"})).value();
  agree(first, "mine");
  agree("mine", "");
}

TEST_F(ScribeTest, AStreamOfTagsIsWrittenBackBeforeTheLogOutgrowsItsFile) {
  constexpr int kTags = 5;
  const std::string note(kMaxNoteBytes, 'n');
  for (int round = 0; round < 200; ++round) {
    std::vector<std::future<Result<Saved>>> answers;
    for (int i = 0; i < kTags; ++i) {
      auto answer = std::make_shared<std::promise<Result<Saved>>>();
      answers.push_back(answer->get_future());
      scribe_->append(tag(note), [answer](Result<Saved> saved) { answer->set_value(saved); });
    }
    for (auto& answer : answers) ASSERT_TRUE(answer.get().ok());
  }
  EXPECT_GT(std::filesystem::file_size(folder_.path() / "journal.db"), uintmax_t(1) << 20);
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "journal.db-wal"),
            uintmax_t(kJournalLogBytes));
}

TEST_F(ScribeTest, ARetryOfWhatWasErasedIsTheSameEvent) {
  const Event made = tag("a name that must go");
  save(made).value();
  ASSERT_TRUE(feed(event(Erased{{made.id}, "asked"}), 1));
  EXPECT_TRUE(save(made).value().repeated);
}

TEST_F(ScribeTest, AnEventIsMadeWithEverythingBeforeItInTheState) {
  const auto made = [&](Result<std::optional<Event>> with) {
    std::promise<Result<Saved>> answer;
    scribe_->append_made([with](State&) { return with; },
                         [&](Result<Saved> saved) { answer.set_value(std::move(saved)); });
    return answer.get_future().get();
  };
  scribe_->append(event(TagKindRetired{"fault"}), [](const Result<Saved>&) {});
  std::promise<bool> retired;
  scribe_->append_made(
      [&](State& state) -> Result<std::optional<Event>> {
        retired.set_value(state.kind("fault")->value().retired);
        return std::optional<Event>();
      },
      [](const Result<Saved>&) {});
  EXPECT_TRUE(retired.get_future().get());
  EXPECT_EQ(made(Error{"E_KEY", "taken"}).error().code, "E_KEY");
  EXPECT_TRUE(made(std::optional<Event>()).value().repeated);
  EXPECT_EQ(made(std::optional(event(TagKindRetired{"idea"}))).value().seq, 2u);
}

TEST_F(ScribeTest, ReservesNoIdForABrokenEvent) {
  EXPECT_EQ(save(event(Tagged{.kind = "fault", .pressed = -1})).error().code, "E_VALUE");
  EXPECT_EQ(scribe_->head().last_seq, 0u);
}

}  // namespace
}  // namespace earful::agent
