#include "recorder/codec/clip.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <random>

#include "recorder/codec/call_writer.h"
#include "recorder/frame/framer.h"
#include "tests/recorder/codec/ogg_maker.h"
#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

constexpr int kRate = 16000;
constexpr Position kSample = kPositionsPerSecond / kRate;

// Slow random notes, other ones on each leg, so that a place can be told from its neighbours.
std::vector<int16_t> melody(int legs, size_t count) {
  std::mt19937 random(7);
  std::array<double, kMaxLegs> phase{};
  std::array<double, kMaxLegs> step{0.1, 0.1};
  std::vector<int16_t> out;
  for (size_t i = 0; i < count; ++i) {
    for (size_t leg = 0; leg < size_t(legs); ++leg) {
      if (i % 1600 == 0) step[leg] = 0.05 + double(random() % 1000) / 2500;
      phase[leg] += step[leg];
      out.push_back(int16_t(9000 * std::sin(phase[leg])));
    }
  }
  return out;
}

class ClipTest : public testing::Test {
 protected:
  // Some files are longer than what is read without bisection.
  std::vector<int16_t> keep(int legs, int seconds) {
    std::string bytes;
    CallWriter writer =
        CallWriter::make(kRate, legs, {}, 1, [&](std::string_view piece) -> Result<void> {
          bytes += piece;
          return {};
        }).value();
    Framer framer(kRate, legs, false, [&](const Frame& frame) { return writer.write(frame); });
    EXPECT_TRUE(framer.push(melody(legs, size_t(seconds * kRate + 77))).ok());
    EXPECT_TRUE(framer.finish().ok());
    EXPECT_TRUE(writer.finish().ok());
    std::ofstream(path_, std::ios::binary) << bytes;
    bytes_ = bytes;
    return decoded(bytes).sink.pcm;
  }

  std::string clip(Position from, Position to, ClipFormat format) const {
    auto made = Clip::open(path_, from, to, format);
    EXPECT_TRUE(made.ok());
    std::string out;
    while (made->next(out).value()) {
    }
    return out;
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "call.opus";
  std::string bytes_;
};

// How much louder the sound is than the difference, in dB.
double agreement(std::span<const int16_t> sound, std::span<const int16_t> other) {
  double power = 1;
  double difference = 1;
  for (size_t i = 0; i < sound.size(); ++i) {
    power += double(sound[i]) * sound[i];
    difference += std::pow(double(sound[i]) - other[i], 2);
  }
  return 10 * std::log10(power / difference);
}

TEST_F(ClipTest, IsTheStretchItNamesExactToTheSample) {
  for (const int legs : {1, 2}) {
    const std::vector<int16_t> whole = keep(legs, 60);
    ASSERT_GT(bytes_.size(), 100u << 10);
    const auto length = int64_t(whole.size()) / legs;
    const std::pair<int64_t, int64_t> stretches[] = {{0, 1},
                                                     {0, 16000},
                                                     {1, 321},
                                                     {319, 641},
                                                     {16000, 48001},
                                                     {800123, 805000},
                                                     {length - 1, length},
                                                     {length - 50000, length},
                                                     {0, length}};
    for (const auto& [from, to] : stretches) {
      const auto expected =
          std::span<const int16_t>(whole).subspan(size_t(from * legs), size_t((to - from) * legs));
      const Decoded opus = decoded(clip(from * kSample, to * kSample, ClipFormat::kOpus));
      ASSERT_TRUE(opus.result.ok());
      ASSERT_EQ(opus.sink.pcm.size(), expected.size()) << from << ' ' << to;
      EXPECT_GT(agreement(expected, opus.sink.pcm), 15) << from << ' ' << to;

      const std::string wav = clip(from * kSample, to * kSample, ClipFormat::kWav);
      ASSERT_EQ(wav.size(), 44 + expected.size() * 2);
      std::vector<int16_t> pcm(expected.size());
      std::memcpy(pcm.data(), wav.data() + 44, expected.size() * 2);
      EXPECT_GT(agreement(expected, pcm), 15) << from << ' ' << to;
    }
  }
}

TEST_F(ClipTest, KeepsItsLengthWhereTheFileIsDamaged) {
  keep(2, 10);
  bytes_.replace(bytes_.size() / 2, 3000, 3000, 'x');
  std::ofstream(path_, std::ios::binary) << bytes_;
  const Decoded opus = decoded(clip(0, 10 * kPositionsPerSecond, ClipFormat::kOpus));
  ASSERT_TRUE(opus.result.ok());
  EXPECT_EQ(opus.sink.pcm.size(), size_t(10 * kRate * 2));
  EXPECT_EQ(clip(0, 10 * kPositionsPerSecond, ClipFormat::kWav).size(),
            size_t(44 + 10 * kRate * 4));
}

TEST_F(ClipTest, RefusesWhatIsNoCall) {
  EXPECT_EQ(Clip::open(path_, 0, 1, ClipFormat::kWav).error().code, "E_DISK");
  std::ofstream(path_) << "text";
  EXPECT_EQ(Clip::open(path_, 0, 1, ClipFormat::kWav).error().code, "E_CODEC");
}

}  // namespace
}  // namespace earful::recorder
