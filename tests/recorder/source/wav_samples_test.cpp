#include "recorder/source/wav_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/recorder/memory_sink.h"
#include "tests/recorder/source/wav_maker.h"

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MemorySink decoded(const std::string& file) {
  MemorySink sink;
  const auto layout = walk(file);
  EXPECT_TRUE(layout.ok());
  EXPECT_TRUE(decode_wav_samples(reader_of(file), *layout, sink).ok());
  return sink;
}

template <class Value>
std::string raw(std::initializer_list<Value> values) {
  std::string out;
  for (const Value value : values) out.append(reinterpret_cast<const char*>(&value), sizeof value);
  return out;
}

TEST(WavSamples, ReadsEveryIntegerWidth) {
  const auto mono = [](uint16_t bits, const std::string& data) {
    return decoded(wav({.channels = 1, .bits = bits}, data)).pcm;
  };
  EXPECT_THAT(mono(8, std::string("\x00\x80\xff", 3)), ElementsAre(-32768, 0, 32512));
  EXPECT_THAT(mono(16, raw<int16_t>({-5, 7})), ElementsAre(-5, 7));
  EXPECT_THAT(mono(24, std::string("\x00\x00\x80\x00\x01\x00\xff\xff\x7f", 9)),
              ElementsAre(-32768, 1, 32767));
  EXPECT_THAT(mono(32, raw<int32_t>({INT32_MIN, 1 << 16, INT32_MAX})),
              ElementsAre(-32768, 1, 32767));
}

TEST(WavSamples, ReadsFloatAndDouble) {
  EXPECT_THAT(
      decoded(wav({.tag = 3, .channels = 1, .bits = 32}, raw<float>({-1.f, 0.5f, 1.f}))).pcm,
      ElementsAre(-32768, 16384, 32767));
  EXPECT_THAT(decoded(wav({.tag = 3, .channels = 1, .bits = 64}, raw<double>({-0.25, 0.25}))).pcm,
              ElementsAre(-8192, 8192));
}

TEST(WavSamples, SilencesWhatIsNoNumberAndClampsWhatIsTooLoud) {
  const float infinite = std::numeric_limits<float>::infinity();
  const float none = std::numeric_limits<float>::quiet_NaN();
  const MemorySink sink = decoded(wav({.tag = 3, .channels = 1, .bits = 32},
                                      raw<float>({none, infinite, -infinite, 1e30f, -1e30f})));
  EXPECT_THAT(sink.pcm, ElementsAre(0, 0, 0, 32767, -32768));
  EXPECT_TRUE(sink.warned("3 samples were no numbers"));
  EXPECT_TRUE(sink.warned("2 samples were beyond full scale"));
}

// ITU-T G.711, tables 1a and 2a at 16 bits.
TEST(WavSamples, ExpandsG711AsTheStandardSays) {
  EXPECT_EQ(from_mu_law(0xff), 0);
  EXPECT_EQ(from_mu_law(0x00), -32124);
  EXPECT_EQ(from_mu_law(0x80), 32124);
  EXPECT_EQ(from_a_law(0xd5), 8);
  EXPECT_EQ(from_a_law(0x55), -8);
  EXPECT_EQ(from_a_law(0x2a), -32256);
  EXPECT_EQ(from_a_law(0xaa), 32256);
  EXPECT_THAT(decoded(wav({.tag = 7, .bits = 8}, std::string("\xff\x80", 2))).pcm,
              ElementsAre(0, 32124));
}

TEST(WavSamples, ReadsBlocksWithoutASeam) {
  std::string data;
  for (int i = 0; i < 100'000; ++i) data += raw<int16_t>({int16_t(i), int16_t(-i)});
  const MemorySink sink = decoded(wav({}, data));
  ASSERT_EQ(sink.pcm.size(), 200'000u);
  EXPECT_EQ(sink.pcm[2 * 77'777], int16_t(77'777));
  EXPECT_EQ(sink.pcm.back(), int16_t(-99'999));
  EXPECT_THAT(sink.warnings, IsEmpty());
}

}  // namespace
}  // namespace earful::recorder
