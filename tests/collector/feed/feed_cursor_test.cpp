#include "collector/feed/feed_cursor.h"

#include <gmock/gmock.h>

namespace earful::collector {
namespace {

using testing::ElementsAre;

class FeedCursorTest : public testing::Test {
 protected:
  Record record(uint64_t seq, uint64_t epoch = 7) {
    Record made;
    made.store_id = store_;
    made.position = {epoch, seq};
    return made;
  }
  // A page of the desk.
  std::vector<uint64_t> answer(std::vector<uint64_t> seqs, uint64_t head, uint64_t epoch = 7) {
    Page page{store_, {}, {epoch, seqs.empty() ? head : seqs.back()}, {epoch, head}};
    for (const uint64_t seq : seqs) page.records.push_back(record(seq, epoch));
    std::vector<uint64_t> got;
    for (const Record& one : cursor_.answered(page)) got.push_back(one.position.feed_seq);
    return got;
  }
  bool publish(uint64_t seq, uint64_t epoch = 7) {
    return cursor_.published("event.Tagged", encode(record(seq, epoch))).has_value();
  }
  void head(uint64_t seq) { cursor_.published("head", encode(Head{store_, {7, seq}})); }

  StoreId store_{make_uuid_v4()};
  FeedCursor cursor_{StoreId{}, FeedPosition{}};
};

TEST_F(FeedCursorTest, BeginsBehind) { EXPECT_TRUE(cursor_.behind()); }

TEST_F(FeedCursorTest, FollowsTheFeedOnceItHasCaughtUp) {
  EXPECT_THAT(answer({1, 2}, 2), ElementsAre(1, 2));
  EXPECT_FALSE(cursor_.behind());
  EXPECT_TRUE(publish(3));
  EXPECT_EQ(cursor_.position().feed_seq, 3u);
}

TEST_F(FeedCursorTest, SeesAHole) {
  answer({1, 2}, 2);
  EXPECT_FALSE(publish(4));
  EXPECT_TRUE(cursor_.behind());
  EXPECT_THAT(answer({3, 4}, 4), ElementsAre(3, 4));
  EXPECT_FALSE(cursor_.behind());
}

TEST_F(FeedCursorTest, SeesALostLastRecordInTheHead) {
  answer({1}, 1);
  head(1);
  EXPECT_FALSE(cursor_.behind());
  head(2);
  EXPECT_TRUE(cursor_.behind());
}

TEST_F(FeedCursorTest, DropsWhatItHad) {
  answer({1, 2}, 2);
  EXPECT_FALSE(publish(2));
  EXPECT_FALSE(cursor_.behind());
  EXPECT_THAT(answer({2, 3}, 3), ElementsAre(3));
}

TEST_F(FeedCursorTest, PassesOverAnEmptyPosition) {
  answer({1}, 1);
  EXPECT_FALSE(publish(3));
  EXPECT_THAT(answer({3}, 3), ElementsAre(3));
  EXPECT_FALSE(cursor_.behind());
}

TEST_F(FeedCursorTest, StartsAgainInAnotherEpoch) {
  answer({1, 2}, 2);
  EXPECT_FALSE(publish(1, 8));
  EXPECT_TRUE(cursor_.behind());
  EXPECT_THAT(answer({1}, 1, 8), ElementsAre(1));
  EXPECT_EQ(cursor_.position().store_epoch, 8u);
}

TEST_F(FeedCursorTest, IgnoresWhatIsNoRecord) {
  answer({1}, 1);
  EXPECT_FALSE(cursor_.published("event.Tagged", "\xff"));
  EXPECT_FALSE(cursor_.behind());
}

}  // namespace
}  // namespace earful::collector
