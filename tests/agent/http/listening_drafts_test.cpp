#include "agent/http/listening_drafts.h"

#include <gtest/gtest.h>

#include <vector>

namespace earful::agent {
namespace {

using namespace std::chrono_literals;

class ListeningDraftsTest : public ::testing::Test {
 protected:
  template <class Id>
  static Id id(int number) {
    Id made;
    made.bytes[0] = uint8_t(number >> 8);
    made.bytes[15] = uint8_t(number);
    return made;
  }
  void told(int listener, int listening, int word, Position heard) {
    Event event;
    event.id = id<EventId>(word);
    event.listener = id<ListenerId>(listener);
    event.payload = Listened{.listening = id<EventId>(listening), .intervals = {{0, heard}}};
    drafts.keep(std::move(event), now);
  }
  void word(int listener, int listening, int of) {
    drafts.make_way(id<ListenerId>(listener), id<EventId>(listening), id<EventId>(of));
  }
  // How far each saved event goes, in the order of saving.
  std::vector<Position> ends() const {
    std::vector<Position> out;
    for (const Event& event : saved) {
      out.push_back(std::get<Listened>(event.payload).intervals.back().end);
    }
    return out;
  }

  ListeningDrafts::Time now;
  std::vector<Event> saved;
  ListeningDrafts drafts{[this](Event event) { saved.push_back(std::move(event)); }};
};

using Ends = std::vector<Position>;

TEST_F(ListeningDraftsTest, MakesAnEventOfWhatWasToldLastOnceAPageIsSilent) {
  told(1, 1, 1, 10);
  now += 1s;
  told(1, 1, 1, 20);
  EXPECT_EQ(drafts.look(now), 5s);
  now += 5s - 1ms;
  EXPECT_EQ(drafts.look(now), 1ms);
  EXPECT_EQ(ends(), Ends());
  now += 1ms;
  EXPECT_EQ(drafts.look(now), std::nullopt);
  EXPECT_EQ(ends(), Ends{20});
}

TEST_F(ListeningDraftsTest, GivesWhatItMakesAnIdOfItsOwnSoThatTheLastWordIsNotRefused) {
  told(1, 1, 7, 10);
  drafts.save_all();
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_NE(saved[0].id, id<EventId>(7));
}

TEST_F(ListeningDraftsTest, IsDoneWithADraftWhenItsWordComes) {
  told(1, 1, 1, 10);
  word(1, 1, 1);
  drafts.save_all();
  EXPECT_EQ(ends(), Ends());
}

TEST_F(ListeningDraftsTest, SavesADraftBeforeAnotherWordOfItsListening) {
  told(1, 1, 1, 10);
  told(1, 1, 2, 20);
  EXPECT_EQ(ends(), Ends{10});
  word(1, 1, 3);
  EXPECT_EQ(ends(), (Ends{10, 20}));
}

TEST_F(ListeningDraftsTest, KeepsTabsAndPeopleApart) {
  told(1, 1, 1, 10);
  told(1, 2, 2, 20);
  told(2, 1, 3, 30);
  word(1, 1, 1);
  EXPECT_EQ(ends(), Ends());
  drafts.save_all();
  EXPECT_EQ(ends(), (Ends{20, 30}));
}

TEST_F(ListeningDraftsTest, LosesNothingWhereMorePagesTellThanItKeeps) {
  for (int page = 0; page < int(kMaxListeningDrafts); ++page) {
    told(1, page, page, 10 + page);
    now += 1ms;
  }
  EXPECT_EQ(ends(), Ends());
  told(1, 1000, 1000, 5);
  EXPECT_EQ(ends(), Ends{10});
}

}  // namespace
}  // namespace earful::agent
