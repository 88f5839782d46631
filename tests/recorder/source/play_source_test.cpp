#include "recorder/source/play_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "recorder/source/source_spec.h"
#include "recorder/source/tone_source.h"
#include "tests/recorder/source/manual_clock.h"
#include "tests/recorder/source/wav_maker.h"
#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Heard {
  std::vector<int16_t> samples;
  std::vector<LiveBlock> blocks;  // their samples are gone
  CaptureTime last{};
};

Heard hear(LiveSource& source, size_t most_blocks = 1'000'000) {
  Heard heard;
  while (heard.blocks.size() < most_blocks) {
    auto block = source.read(1h);
    EXPECT_TRUE(block.ok()) << block.error().message;
    if (!block.ok()) break;
    heard.samples.insert(heard.samples.end(), block->samples.begin(), block->samples.end());
    heard.last = block->end;
    heard.blocks.push_back(*block);
    if (block->ended) break;
  }
  return heard;
}

struct PlaySourceTest : testing::Test {
  // One second that counts upwards, at 8 kHz.
  std::vector<int16_t> counting(size_t count = 8000) {
    std::vector<int16_t> samples(count);
    std::iota(samples.begin(), samples.end(), int16_t(0));
    return samples;
  }
  std::unique_ptr<LiveSource> play(const std::vector<int16_t>& samples, const PlayOptions& options,
                                   uint16_t channels = 1) {
    const std::string data(reinterpret_cast<const char*>(samples.data()), samples.size() * 2);
    const auto path = folder.write("call.wav", wav({.channels = channels, .rate = 8000}, data));
    auto source = open_play_source(path, options, clock);
    EXPECT_TRUE(source.ok()) << source.error().message;
    return std::move(*source);
  }

  TemporaryFolder folder;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
};

TEST_F(PlaySourceTest, GivesEverySampleOnceAndThenEnds) {
  const auto source = play(counting(), {});
  const CaptureTime start = clock->now();
  const Heard heard = hear(*source);
  EXPECT_EQ(heard.samples, counting());
  EXPECT_EQ(heard.blocks.size(), 50u);
  EXPECT_EQ(heard.last - start, 1s);
  EXPECT_EQ(source->now(), heard.last);
}

TEST_F(PlaySourceTest, KeepsTheChannelsOfAStereoFileTogether) {
  const auto source = play(counting(), {.block = 7ms}, 2);
  EXPECT_EQ(source->format(), (PcmFormat{8000, 2}));
  EXPECT_EQ(hear(*source).samples, counting());
}

TEST_F(PlaySourceTest, SaysNothingBeforeItsTime) {
  const auto source = play(counting(), {});
  const auto early = source->read(5ms);
  EXPECT_TRUE(early->samples.empty());
  EXPECT_FALSE(early->ended);
  EXPECT_EQ(source->read(15ms)->samples.size(), 160u);
}

TEST_F(PlaySourceTest, LeavesOutAScriptedGapAndCountsIt) {
  const auto source = play(counting(), {.gaps = {{110ms, 250ms, GapCause::kOverflow}}});
  const CaptureTime start = clock->now();
  const Heard heard = hear(*source);
  EXPECT_EQ(heard.samples.size(), 8000u - 1120u);
  EXPECT_EQ(heard.samples[880], 2000);
  EXPECT_EQ(heard.last - start, 1s);
  EXPECT_FALSE(heard.blocks[5].gap);  // the short one that ends where the gap begins
  ASSERT_TRUE(heard.blocks[6].gap);
  EXPECT_EQ(heard.blocks[6].gap->cause, GapCause::kOverflow);
  EXPECT_EQ(heard.blocks[6].gap->samples, 1120);
}

TEST_F(PlaySourceTest, CountsNothingWhileADeviceIsAway) {
  const auto source = play(counting(), {.gaps = {{100ms, 250ms, GapCause::kDeviceLost}}});
  const Heard heard = hear(*source);
  ASSERT_TRUE(heard.blocks[5].gap);
  EXPECT_EQ(heard.blocks[5].gap->samples, -1);
}

TEST_F(PlaySourceTest, AGapThatOutlastsTheFileEndsIt) {
  const auto source = play(counting(), {.gaps = {{900ms, 1500ms, GapCause::kOverflow}}});
  const Heard heard = hear(*source);
  EXPECT_EQ(heard.samples.size(), 7200u);
  EXPECT_TRUE(heard.blocks.back().ended);
  EXPECT_TRUE(heard.blocks.back().gap);
}

TEST_F(PlaySourceTest, AFastClockTakesItsSamplesSooner) {
  const auto source = play(counting(), {.drift_ppm = 500});
  const CaptureTime start = clock->now();
  const auto took = hear(*source).last - start;
  EXPECT_NEAR(double(took.count()), 1e9 / 1.0005, 1000);
}

TEST_F(PlaySourceTest, APauseIsSilenceFromTheNextBlockOn) {
  const auto source = play(counting(), {});
  EXPECT_FALSE(source->read(1s)->paused);
  source->pause(true);
  const LiveBlock quiet = *source->read(1s);
  EXPECT_TRUE(quiet.paused);
  EXPECT_THAT(quiet.samples, testing::Each(0));
  source->pause(false);
  const LiveBlock loud = *source->read(1s);
  EXPECT_FALSE(loud.paused);
  EXPECT_EQ(loud.samples.front(), 320);
}

TEST_F(PlaySourceTest, RefusesWhatItCannotPlayInOneLine) {
  const auto absent = open_play_source((folder.path() / "no.wav").string(), {}, clock);
  EXPECT_EQ(absent.error().code, "E_DISK");
  const auto many = folder.write("six.wav", wav({.channels = 6}, std::string(1200, 'x')));
  EXPECT_EQ(open_play_source(many, {}, clock).error().code, "E_HEADER");
}

TEST_F(PlaySourceTest, AToneHasItsPitchOnEachChannel) {
  const auto source =
      make_tone_source(1000, {.format = {8000, 2}, .length = std::chrono::seconds(1)}, clock);
  const auto heard = hear(*source);
  ASSERT_EQ(heard.samples.size(), 16000u);
  int rises[2] = {};
  for (size_t i = 2; i < heard.samples.size(); ++i) {
    rises[i % 2] += heard.samples[i - 2] < 0 && heard.samples[i] >= 0;
  }
  EXPECT_NEAR(rises[0], 1000, 1);
  EXPECT_NEAR(rises[1], 2000, 1);
}

TEST_F(PlaySourceTest, AToneWithoutALengthGoesOn) {
  const auto source = make_tone_source(440, {}, clock);
  EXPECT_FALSE(hear(*source, 1000).blocks.back().ended);
}

TEST(PlayClock, SourcesOfOneSpeedShareAClock) {
  const auto one = play_clock(1000), other = play_clock(1000);
  const auto before = one->now();
  const auto between = other->now();
  EXPECT_LE(before, between);
  EXPECT_LE(between, one->now());
}

TEST(SourceSpec, ReadsTonesFilesAndDevices) {
  const SourceSpec tone = *parse_source("tone:440?rate=48000&channels=2&seconds=3");
  EXPECT_EQ(tone.kind, SourceSpec::Kind::kTone);
  EXPECT_EQ(tone.play.format, (PcmFormat{48000, 2}));
  const SourceSpec file =
      *parse_source("file:a/b.wav?speed=20&drift_ppm=-200&gaps=10-20,30-40:stalled");
  EXPECT_EQ(file.name, "a/b.wav");
  EXPECT_EQ(file.play.speed, 20);
  EXPECT_EQ(file.play.drift_ppm, -200);
  ASSERT_EQ(file.play.gaps.size(), 2u);
  EXPECT_EQ(file.play.gaps[1].cause, GapCause::kStalled);
  const SourceSpec device = *parse_source("hw:1,0");
  EXPECT_EQ(device.kind, SourceSpec::Kind::kDevice);
  EXPECT_EQ(device.name, "hw:1,0");
}

TEST(SourceSpec, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(parse_source("file:a.wav?sped=2").error().message, HasSubstr("did you mean speed"));
  EXPECT_THAT(parse_source("file:a.wav?speed=0").error().message, HasSubstr("speed"));
  EXPECT_THAT(parse_source("tone:x").error().message, HasSubstr("pitch"));
  EXPECT_THAT(parse_source("tone:440?channels=3").error().message, HasSubstr("from 1 to 2"));
  EXPECT_THAT(parse_source("file:a.wav?gaps=20-10").error().message, HasSubstr("START_MS-END_MS"));
  EXPECT_THAT(parse_source("").error().message, HasSubstr("earful-agent devices"));
}

}  // namespace
}  // namespace earful::recorder
