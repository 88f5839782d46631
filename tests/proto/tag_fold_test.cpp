#include "proto/tag_fold.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace earful {
namespace {

Event about(uint8_t id, Payload payload, std::string note = "") {
  Event event;
  event.id.bytes[15] = id;
  event.payload = std::move(payload);
  event.personal.note = std::move(note);
  return event;
}

EventId tag_id() { return about(1, {}).id; }

FoldedTag fold(const std::vector<Event>& events) {
  FoldedTag tag;
  for (const Event& event : events) tag.add(event);
  return tag;
}

const Event kTagged = about(1, Tagged{.kind = "fault", .start = 10, .end = 20}, "first");
const Event kRetracted = about(4, TagRetracted{tag_id()});

TEST(FoldedTag, LatestRevisionWinsFieldByField) {
  const auto tag =
      fold({kTagged, about(2, TagRevised{.tag = tag_id(), .kind = "idea"}),
            about(3, TagRevised{.tag = tag_id(), .end = 30, .note_revised = true}, "second")});
  EXPECT_EQ(tag.kind, "idea");
  EXPECT_EQ(tag.start, 10);
  EXPECT_EQ(tag.end, 30);
  EXPECT_EQ(tag.note, "second");
}

TEST(FoldedTag, ARevisionThatOvertookItsTagStillCounts) {
  const auto tag = fold({about(2, TagRevised{.tag = tag_id(), .kind = "idea"}), kTagged});
  EXPECT_EQ(tag.kind, "idea");
  EXPECT_EQ(tag.note, "first");
}

TEST(FoldedTag, StaysRetractedWhateverTheOrder) {
  std::vector<Event> events = {kTagged, about(2, TagRevised{.tag = tag_id(), .kind = "idea"}),
                               kRetracted};
  const auto by_id = [](const Event& a, const Event& b) { return a.id < b.id; };
  std::sort(events.begin(), events.end(), by_id);
  do {
    EXPECT_TRUE(fold(events).retracted);
  } while (std::next_permutation(events.begin(), events.end(), by_id));
}

TEST(FoldedTag, KnowsThatNobodySaidWhereItEndsUntilSomebodyDoes) {
  const Event left =
      about(1, Tagged{.kind = "fault", .start = 10, .end = 20, .closed_by_leaving = true});
  const Event ended = about(2, TagRevised{.tag = tag_id(), .end = 15});
  EXPECT_TRUE(fold({left, about(2, TagRevised{.tag = tag_id(), .start = 5})}).closed_by_leaving);
  EXPECT_FALSE(fold({left, ended}).closed_by_leaving);
  EXPECT_FALSE(fold({ended, left}).closed_by_leaving);
  EXPECT_EQ(fold({ended, left}).revisions, 1);
}

TEST(FoldedTag, KnowsWhichTagAnEventIsAbout) {
  EXPECT_EQ(tag_of(kTagged), tag_id());
  EXPECT_EQ(tag_of(kRetracted), tag_id());
  EXPECT_FALSE(tag_of(about(9, CallStarted{})));
}

}  // namespace
}  // namespace earful
