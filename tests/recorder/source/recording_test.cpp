#include "recorder/source/recording.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What a decoder in the child does, and what comes of it here.
Result<std::vector<int16_t>> read_all(const Decoder& decoder,
                                      std::vector<std::string>* warnings = nullptr) {
  EARFUL_ASSIGN(Recording recording, Recording::open(-1, 0, decoder));
  std::vector<int16_t> all;
  while (true) {
    EARFUL_ASSIGN(const auto block, recording.read());
    if (block.empty()) break;
    all.insert(all.end(), block.begin(), block.end());
  }
  if (warnings) *warnings = recording.warnings();
  return all;
}

TEST(Recording, HandsOverFormatSamplesAndWarnings) {
  std::vector<int16_t> samples(300'000);
  std::iota(samples.begin(), samples.end(), int16_t(0));
  std::vector<std::string> warnings;
  const auto all = read_all(
      [&](int, PcmSink& sink) -> Result<void> {
        sink.warn("early");
        EARFUL_TRY(sink.format({8000, 2}));
        EARFUL_TRY(sink.samples(samples));
        sink.warn("late");
        return {};
      },
      &warnings);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(*all, samples);
  EXPECT_THAT(warnings, ElementsAre("early", "late"));
}

TEST(Recording, PassesOnWhatTheDecoderRefuses) {
  const auto all = read_all([](int, PcmSink&) -> Result<void> {
    return Error{"E_CODEC", "no: so"};
  });
  ASSERT_FALSE(all.ok());
  EXPECT_EQ(all.error().code, "E_CODEC");
  EXPECT_EQ(all.error().message, "no: so");
}

TEST(Recording, SurvivesADecoderThatCrashes) {
  const auto all = read_all([](int, PcmSink& sink) -> Result<void> {
    EARFUL_TRY(sink.format({8000, 1}));
    raise(SIGKILL);
    return {};
  });
  ASSERT_FALSE(all.ok());
  EXPECT_EQ(all.error().code, "E_DECODER");
  EXPECT_THAT(all.error().message, HasSubstr("signal 9"));
}

TEST(Recording, RefusesAnImpossibleFormat) {
  for (const PcmFormat format : {PcmFormat{0, 1}, PcmFormat{8000, 0}, PcmFormat{8000, 3}}) {
    const auto all = read_all([&](int, PcmSink& sink) -> Result<void> {
      EARFUL_TRY(sink.format(format));
      return {};
    });
    EXPECT_FALSE(all.ok()) << format.rate_hz << ' ' << format.channels;
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Recording, GivesADecoderOnlySoMuchMemory) {
  const auto all = read_all([](int, PcmSink& sink) -> Result<void> {
    EARFUL_TRY(sink.format({8000, 1}));
    std::vector<int16_t> huge(size_t(200) << 20, 1);
    return sink.samples(std::span(huge).first(8));
  });
  ASSERT_FALSE(all.ok());
  EXPECT_EQ(all.error().code, "E_MEMORY");
}
#endif

TEST(Recording, EndsAfterADay) {
  const auto all = read_all([](int, PcmSink& sink) -> Result<void> {
    EARFUL_TRY(sink.format({kMinRateHz, 1}));
    const std::vector<int16_t> block(1 << 20);
    while (true) EARFUL_TRY(sink.samples(block));
  });
  ASSERT_FALSE(all.ok());
  EXPECT_EQ(all.error().code, "E_LONG");
}

TEST(Recording, LeavesNoChildBehindWhenDroppedInTheMiddle) {
  {
    const auto recording = Recording::open(-1, 0, [](int, PcmSink& sink) -> Result<void> {
      EARFUL_TRY(sink.format({8000, 1}));
      while (true) EARFUL_TRY(sink.samples(std::vector<int16_t>(1024)));
    });
    ASSERT_TRUE(recording.ok());
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace earful::recorder
