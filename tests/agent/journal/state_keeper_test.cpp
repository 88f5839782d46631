#include "agent/journal/state_keeper.h"

#include <gmock/gmock.h>

#include "base/sqlite.h"
#include "tests/agent/journal/scribe_fixture.h"

namespace earful::agent {
namespace {

// As the scribe has it at work.
class StateKeeperTest : public ScribeTest {};

TEST_F(StateKeeperTest, AStateThatFailedHasEveryTagAgainWithTheNextOne) {
  Database other = *Database::open(folder_.path() / "state.db", {});
  ASSERT_TRUE(other.execute("ALTER TABLE tag_events RENAME TO away").ok());
  EXPECT_TRUE(save(tag("durable, not to be seen")).ok());
  EXPECT_TRUE(tags().empty());
  ASSERT_TRUE(other.execute("ALTER TABLE away RENAME TO tag_events").ok());
  EXPECT_TRUE(save(tag("next")).ok());
  EXPECT_EQ(tags().size(), 2u);
}

TEST_F(StateKeeperTest, AStateThatFailedTakesNothingOfTheFeedBeforeWhatItMissed) {
  Database other = *Database::open(folder_.path() / "state.db", {});
  const Event missed = tag("missed"), next = tag("next");
  ASSERT_TRUE(other.execute("ALTER TABLE tag_events RENAME TO away").ok());
  EXPECT_FALSE(feed(missed, 1));
  ASSERT_TRUE(other.execute("ALTER TABLE away RENAME TO tag_events").ok());
  EXPECT_FALSE(feed(next, 2));
  fed_ = *State::open(folder_.path() / "state.db", true)->cursor();
  EXPECT_TRUE(feed(missed, 1));
  EXPECT_TRUE(feed(next, 2));
  EXPECT_EQ(tags().size(), 2u);
}

TEST_F(StateKeeperTest, TheStateIsMadeAgainFromTheJournal) {
  const Event made = tag("kept");
  save(made).value();
  save(event(TagRevised{.tag = made.id, .kind = "idea"})).value();
  make_state_anew();
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].note, "kept");
  EXPECT_EQ(tags()[0].kind, "idea");
}

TEST_F(StateKeeperTest, OtherStationsTagsComeInByTheFeed) {
  Event theirs = tag("theirs");
  theirs.source = StationId{make_uuid_v4()};
  feed(theirs, 1);
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].seq, 0u);
  EXPECT_FALSE(tags()[0].own);
  EXPECT_TRUE(tags()[0].in_store);
  ASSERT_TRUE(save(event(TagRetracted{theirs.id})).ok());
  EXPECT_TRUE(tags().empty());
}

TEST_F(StateKeeperTest, TellsOfATagWhoseNoteWasErased) {
  Event theirs = tag("a name that must go");
  theirs.source = StationId{make_uuid_v4()};
  feed(theirs, 1);
  Event erased = event(Erased{{theirs.id}, "asked"});
  erased.source = theirs.source;
  notices_.clear();
  feed(erased, 2);
  EXPECT_EQ(tags()[0].note, "");
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(notices_, testing::Contains(testing::Field(&Notice::type, "tag")));
}

TEST_F(StateKeeperTest, WhatWasErasedStaysErasedInAStateMadeAnew) {
  const Event made = tag("a name that must go");
  save(made).value();
  ASSERT_TRUE(feed(made, 1));
  ASSERT_TRUE(feed(event(Erased{{made.id}, "asked"}), 2));
  EXPECT_EQ(tags()[0].note, "");
  make_state_anew();
  ASSERT_EQ(tags().size(), 1u);
  EXPECT_EQ(tags()[0].note, "");
}

TEST_F(StateKeeperTest, AStoreFromBeforeAnErasureDoesNotBringTheWordsBack) {
  const Event made = tag("a name that must go");
  save(made).value();
  ASSERT_TRUE(feed(made, 1));
  ASSERT_TRUE(feed(event(Erased{{made.id}, "asked"}), 2));
  fed_ = {store_, {2, 0}};
  scribe_->feed_starts_over(fed_);
  ASSERT_TRUE(feed(made, 1));
  EXPECT_EQ(tags()[0].note, "");
}

TEST_F(StateKeeperTest, OwnChangesOfTheBookStandBehindWhatTheStoreHas) {
  const auto label = [&] {
    return State::open(folder_.path() / "state.db", true)->kind("fault")->value().kind.labels["en"];
  };
  const auto renamed = [&](const char* to) {
    Event made = event(TagKindDefined{{.id = "fault", .labels = {{"en", to}}}});
    made.source = StationId{make_uuid_v4()};
    return made;
  };
  const Event mine = renamed("mine");
  save(mine).value();
  EXPECT_EQ(label(), "mine");
  feed(renamed("theirs, first in the store"), 1);
  EXPECT_EQ(label(), "mine");
  feed(mine, 2);
  EXPECT_EQ(label(), "mine");
  feed(renamed("theirs, after it"), 3);
  EXPECT_EQ(label(), "theirs, after it");
}

TEST_F(StateKeeperTest, AMergedListenerIsItsRootEverywhere) {
  const auto id = [](char c) { return ListenerId{make_uuid_v8(std::string(16, c))}; };
  const auto named = [&](char c, const char* name) {
    Event made = event(ListenerDefined{id(c)});
    made.personal.listener_name = name;
    save(made).value();
  };
  named('a', "noa");
  named('b', "Noa");
  named('c', "Noa Cohen");
  Event by_a = tag("heard");
  by_a.listener = id('a');
  by_a.personal.listener_name = "noa";
  save(by_a).value();
  for (const char who : {'a', 'b'}) {
    Event listened = event(Listened{.listening = by_a.id, .intervals = {{who == 'a' ? 0 : 5, 10}}});
    listened.listener = id(who);
    save(listened).value();
  }
  save(event(ListenerMerged{id('a'), id('b')})).value();
  save(event(ListenerMerged{id('a'), id('c')})).value();  // as its root
  save(event(ListenerMerged{id('c'), id('b')})).value();  // a ring: nothing
  EXPECT_EQ(tags()[0].listener, id('c'));
  EXPECT_EQ(tags()[0].listener_name, "Noa Cohen");
  State state = *State::open(folder_.path() / "state.db", true);
  EXPECT_EQ(state.listeners()->size(), 1u);
  const auto heard = *state.heard_of(a_call());
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].listener_name, "Noa Cohen");
  EXPECT_EQ(heard[0].stretches, (std::vector<Interval>{{0, 10}}));
  const std::vector<CallId> calls{a_call()};
  EXPECT_EQ(state.heard_by(id('a'), calls)->at(a_call()).listener, id('c'));
  EXPECT_EQ((*state.listener(id('b')))->name, "Noa Cohen");
}

}  // namespace
}  // namespace earful::agent
