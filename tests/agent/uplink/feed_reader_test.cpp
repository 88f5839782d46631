#include "agent/uplink/feed_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

StoreId store(uint8_t n) {
  StoreId id;
  id.bytes[0] = n;
  return id;
}

Record record(uint64_t seq, uint8_t store_number = 1, uint64_t epoch = 5) {
  return {.store_id = store(store_number), .position = {epoch, seq}};
}

class FeedReaderTest : public ::testing::Test {
 protected:
  std::vector<uint64_t> publish(const Record& r) {
    return take(reader_.published("event.x", encode(r)));
  }

  void publish_head(uint64_t seq) {
    take(reader_.published(kHeadTopic, encode(Head{store(1), {5, seq}})));
  }

  // Answers the request that is due; fails the test when none is.
  std::vector<uint64_t> answer(std::vector<Record> records, uint64_t head) {
    const auto request = reader_.ask(now_);
    EXPECT_TRUE(request);
    if (!request) return {};
    const DeskRequest asked = *decode_desk_request(*request);
    after_ = std::get<Replay>(asked.request).after;
    Page page{.store_id = store(1), .next = {5, after_.feed_seq}, .head = {5, head}};
    if (!records.empty()) {
      page.next = records.back().position;
      page.store_id = records.back().store_id;
    }
    page.records = std::move(records);
    return take(reader_.answered(encode(DeskReply{asked.request_id, page})));
  }

  std::vector<uint64_t> take(FeedReader::Step step) {
    if (step.starts_over) ++restarts_;
    std::vector<uint64_t> seqs;
    for (const Record& r : step.records) seqs.push_back(r.position.feed_seq);
    return seqs;
  }

  FeedReader reader_{{store(1), {5, 10}}};
  SteadyTime now_{1h};
  FeedPosition after_;
  int restarts_ = 0;
};

TEST_F(FeedReaderTest, AsksOnceAtTheStart) {
  EXPECT_THAT(answer({}, 10), IsEmpty());
  EXPECT_FALSE(reader_.ask(now_));
}

TEST_F(FeedReaderTest, TakesTheNextRecordAndNoOther) {
  answer({}, 10);
  EXPECT_THAT(publish(record(11)), ElementsAre(11));
  EXPECT_THAT(publish(record(11)), IsEmpty());
  EXPECT_THAT(publish(record(9)), IsEmpty());
  EXPECT_FALSE(reader_.ask(now_));
}

TEST_F(FeedReaderTest, HealsAHole) {
  answer({}, 10);
  EXPECT_THAT(publish(record(13)), IsEmpty());
  EXPECT_THAT(answer({record(11), record(12), record(13)}, 13), ElementsAre(11, 12, 13));
  EXPECT_EQ(after_, (FeedPosition{5, 10}));
  EXPECT_FALSE(reader_.ask(now_));
}

TEST_F(FeedReaderTest, SeesALostLastRecordByTheHead) {
  answer({}, 10);
  publish_head(11);
  EXPECT_THAT(answer({record(11)}, 11), ElementsAre(11));
}

TEST_F(FeedReaderTest, PagesUntilTheHead) {
  EXPECT_THAT(answer({record(11)}, 12), ElementsAre(11));
  EXPECT_THAT(answer({record(12)}, 12), ElementsAre(12));
  EXPECT_FALSE(reader_.ask(now_));
}

TEST_F(FeedReaderTest, AsksAgainOnlyWhenNoAnswerCame) {
  EXPECT_TRUE(reader_.ask(now_));
  EXPECT_FALSE(reader_.ask(now_ + 4s));
  EXPECT_TRUE(reader_.ask(now_ + 5s));
}

TEST_F(FeedReaderTest, StartsOverInAnotherEpoch) {
  answer({}, 10);
  EXPECT_THAT(publish(record(3, 1, 6)), IsEmpty());
  EXPECT_THAT(answer({record(1, 1, 6)}, 3), IsEmpty());
  EXPECT_EQ(restarts_, 1);
  EXPECT_EQ(reader_.cursor().position, (FeedPosition{6, 0}));
}

TEST_F(FeedReaderTest, NeverMixesTwoStoresOfTheSameEpoch) {
  EXPECT_THAT(answer({record(11, 2)}, 11), IsEmpty());
  EXPECT_EQ(restarts_, 1);
  EXPECT_EQ(reader_.cursor().position.feed_seq, 0u);
  EXPECT_THAT(answer({record(1, 2), record(2, 2)}, 2), ElementsAre(1, 2));
}

TEST_F(FeedReaderTest, StartsOverWhenTheStoreWasPutBack) {
  answer({}, 10);
  publish_head(4);
  EXPECT_THAT(answer({record(1)}, 4), IsEmpty());
  EXPECT_EQ(restarts_, 1);
  EXPECT_THAT(answer({record(1), record(2), record(3), record(4)}, 4), ElementsAre(1, 2, 3, 4));
}

TEST_F(FeedReaderTest, AnOldHeadIsOnlyAQuestion) {
  answer({}, 10);
  publish_head(9);
  EXPECT_THAT(answer({}, 10), IsEmpty());
  EXPECT_EQ(restarts_, 0);
  EXPECT_FALSE(reader_.ask(now_));
}

TEST_F(FeedReaderTest, IgnoresAnAnswerNobodyAskedFor) {
  const DeskReply reply{1, Page{.store_id = store(2), .next = {9, 9}, .head = {9, 9}}};
  EXPECT_THAT(take(reader_.answered(encode(reply))), IsEmpty());
  EXPECT_EQ(reader_.cursor().store, store(1));
}

}  // namespace
}  // namespace earful::agent
