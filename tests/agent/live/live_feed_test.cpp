// One live call and its listeners, without a device, a thread or a socket.
#include "agent/live/live_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/live/live_reader.h"
#include "agent/live/live_record.h"
#include "recorder/codec/ogg_writer.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using Json = nlohmann::json;
using recorder::CallNote;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kPreSkip = 312;
constexpr Position kFrame = 960;

// A record as a listener reads it: its kind, and what it says.
struct Record {
  LiveRecordKind kind{};
  Json json;
  int64_t frame = -1;
  bool paused = false;
  std::string packet;
};

Record parse(std::string_view bytes) {
  Record record;
  record.kind = LiveRecordKind(uint8_t(bytes[0]));
  bytes.remove_prefix(1);
  if (record.kind != LiveRecordKind::kAudio) {
    record.json = Json::parse(bytes);
    return record;
  }
  Position position = 0;
  std::memcpy(&position, bytes.data(), sizeof position);
  record.frame = (position + kPreSkip) / kFrame;
  record.paused = bytes[8] == 1;
  record.packet = bytes.substr(14);
  return record;
}

class LiveCallHeard : public testing::Test {
 protected:
  LiveCallHeard() {
    ogg_.emplace(recorder::head_of_call(1, kPreSkip, 8000), 1u, [this](std::string_view page) {
      std::ofstream file(file_, std::ios::app | std::ios::binary);
      const bool written = bool((file << page).flush());
      return written ? Result<void>() : Error{"E_DISK", "writing " + file_.string()};
    });
  }

  // So many frames are said; each packet tells its number.
  void say(int frames, bool paused = false) {
    for (int i = 0; i < frames; ++i) {
      const std::string packet = "packet " + std::to_string(said_);
      ASSERT_TRUE(ogg_->write(packet, kFrame).ok());
      recorder::LivePacket live;
      live.position = said_++ * kFrame;
      live.paused = paused;
      live.packets[0] = packet;
      live.high[0] = 5;
      feed_->packet(live);
    }
  }
  void end() {
    // As CallWriter does: the encoder lags, silence pushes out what it holds.
    ASSERT_TRUE(ogg_->write("silence", kFrame).ok());
    ASSERT_TRUE(ogg_->finish(said_ * kFrame).ok());
    feed_->end(said_ * kFrame);
  }
  std::unique_ptr<LiveReader> listen(std::optional<int64_t> from_frame = {}) {
    std::optional<Position> from;
    if (from_frame) from = *from_frame * kFrame;
    return LiveReader::open(feed_, from, {}).value();
  }
  // All a listener can be given now.
  static std::vector<Record> hear(LiveReader& reader) {
    std::string out;
    HttpPull pulled = HttpPull::kMore;
    while (pulled == HttpPull::kMore) {
      std::string piece;
      pulled = reader.pull(piece);
      EXPECT_LT(piece.size(), 64u * 1024);
      out += piece;
    }
    std::vector<Record> records;
    for (std::string_view left = out; !left.empty();) {
      uint32_t length = 0;
      std::memcpy(&length, left.data(), sizeof length);
      records.push_back(parse(left.substr(4, length)));
      left.remove_prefix(4 + length);
    }
    return records;
  }
  static std::vector<int64_t> frames(const std::vector<Record>& records) {
    std::vector<int64_t> all;
    for (const Record& record : records) {
      if (record.kind != LiveRecordKind::kAudio) continue;
      EXPECT_EQ(record.packet, "packet " + std::to_string(record.frame));
      all.push_back(record.frame);
    }
    return all;
  }
  static std::vector<int64_t> range(int64_t first, int64_t end) {
    std::vector<int64_t> all;
    for (int64_t i = first; i < end; ++i) all.push_back(i);
    return all;
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "a.opus.live";
  std::shared_ptr<LiveFeed> feed_ = std::make_shared<LiveFeed>(
      LiveAbout{.legs = 1, .sample_rate_hz = 8000, .pre_skip_48k = kPreSkip, .file = file_});
  std::optional<recorder::OggWriter> ogg_;
  int64_t said_ = 0;
};

TEST_F(LiveCallHeard, BeginsAtTheEdgeAndFollowsIt) {
  say(10);
  const auto reader = listen();
  const auto first = hear(*reader);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].json["from_ms"], 200);
  EXPECT_EQ(first[0].json["pre_skip_48k"], kPreSkip);
  EXPECT_THAT(hear(*reader), IsEmpty());
  say(3);
  EXPECT_EQ(frames(hear(*reader)), range(10, 13));
}

TEST_F(LiveCallHeard, IsAwaitedAsLongAsSomebodyListens) {
  EXPECT_FALSE(feed_->awaited());
  auto reader = listen();
  EXPECT_TRUE(feed_->awaited());
  reader.reset();
  EXPECT_FALSE(feed_->awaited());
}

TEST_F(LiveCallHeard, GoesFromTheFileToTheEdgeWithoutASeam) {
  say(5000);
  for (const int64_t from : {0, 1, 9, 10, 11, 2500, 4888, 4899, 4900, 4999, 5000}) {
    const auto reader = listen(from);
    EXPECT_EQ(frames(hear(*reader)), range(from, 5000)) << from;
  }
}

TEST_F(LiveCallHeard, HearsWhatIsSaidWhileItReadsThePast) {
  say(3000);
  const auto reader = listen(0);
  std::string piece;
  ASSERT_EQ(reader->pull(piece), HttpPull::kMore);
  say(1000);
  const auto rest = frames(hear(*reader));
  EXPECT_EQ(rest.back(), 3999);
  EXPECT_EQ(rest, range(rest.front(), 4000));
}

TEST_F(LiveCallHeard, GivesEveryListenerTheSame) {
  const auto one = listen(), two = listen();
  say(50);
  EXPECT_EQ(frames(hear(*one)), range(0, 50));
  say(20);
  EXPECT_EQ(frames(hear(*two)), range(0, 70));
  EXPECT_EQ(frames(hear(*one)), range(50, 70));
}

TEST_F(LiveCallHeard, MovesAListenerWhoStallsToTheEdgeAndTellsIt) {
  const auto stalled = listen(), reading = listen();
  hear(*stalled);
  int64_t heard = 0;
  for (int i = 0; i < 10; ++i) {
    say(50);
    heard += int64_t(frames(hear(*reading)).size());
  }
  EXPECT_EQ(heard, 500);
  const auto records = hear(*stalled);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].kind, LiveRecordKind::kSkipped);
  EXPECT_EQ(records[0].json["skipped"]["from_ms"], 0);
  EXPECT_EQ(records[0].json["skipped"]["to_ms"], 10000);
  EXPECT_EQ(stalled->moved(), 1u);
  EXPECT_EQ(reading->moved(), 0u);
  say(1);
  EXPECT_THAT(frames(hear(*stalled)), ElementsAre(500));
}

TEST_F(LiveCallHeard, TellsTheEndAfterTheLastFrame) {
  say(1015);
  const auto following = listen(), past = listen(0);
  end();
  const auto records = hear(*past);
  EXPECT_EQ(frames(records), range(0, 1015));
  EXPECT_EQ(records.back().kind, LiveRecordKind::kEnded);
  EXPECT_EQ(records.back().json["duration_ms"], 20300);
  std::string nothing;
  EXPECT_EQ(past->pull(nothing), HttpPull::kEnd);
  EXPECT_EQ(nothing, "");
  EXPECT_EQ(hear(*following).back().kind, LiveRecordKind::kEnded);
}

TEST_F(LiveCallHeard, GivesNotesFromBeforeAndAfter) {
  say(10);
  feed_->note({CallNote::Kind::kGap, 0, 0, kFrame, "overflow", true, 160});
  const auto reader = listen();
  EXPECT_EQ(hear(*reader)[1].json["cause"], "overflow");
  feed_->note({CallNote::Kind::kPause, -1, kFrame, 2 * kFrame, "pause", false, -1});
  const auto records = hear(*reader);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].json["kind"], "pause");
}

TEST_F(LiveCallHeard, SaysWhatWasPausedInThePastToo) {
  say(1000);
  say(10, true);
  say(1000);
  for (const Record& record : hear(*listen(990))) {
    if (record.kind != LiveRecordKind::kAudio) continue;
    EXPECT_EQ(record.paused, record.frame >= 1000 && record.frame < 1010) << record.frame;
  }
}

TEST_F(LiveCallHeard, HasTheWaveformSoFar) {
  say(25);
  EXPECT_EQ(feed_->peaks().frames(), 25u);
  EXPECT_EQ(feed_->edge(), 25 * kFrame);
}

TEST_F(LiveCallHeard, ForgetsAListenerWhoLeft) {
  listen().reset();
  say(1);  // wakes nobody who is gone
  EXPECT_EQ(feed_.use_count(), 1);
}

}  // namespace
}  // namespace earful::agent
