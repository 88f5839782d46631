#include "recorder/source/wav_samples.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/check.h"

namespace earful::recorder {
namespace {

static_assert(std::endian::native == std::endian::little, "WAV samples are copied as they are");

constexpr size_t kBlockBytes = 48 * 1024;  // a multiple of every sample frame there is

struct Counts {
  int64_t no_numbers = 0;
  int64_t clamped = 0;
};

template <class Float>
int16_t from_float(const char* at, Counts& counts) {
  Float value;
  std::memcpy(&value, at, sizeof value);
  if (!std::isfinite(value)) {
    ++counts.no_numbers;
    return 0;
  }
  if (value > Float(1) || value < Float(-1)) {
    ++counts.clamped;
    return value > 0 ? std::numeric_limits<int16_t>::max() : std::numeric_limits<int16_t>::min();
  }
  return int16_t(std::min(std::lrint(double(value) * 32768.0), 32767L));
}

// With rounding, unless that would overflow.
int16_t upper_16_of_32(int32_t value) {
  return int16_t(std::min<int64_t>((int64_t(value) + 0x8000) >> 16, 32767));
}

template <class Convert>
void convert(std::string_view bytes, size_t sample_bytes, Convert one, int16_t* out) {
  const size_t count = bytes.size() / sample_bytes;
  for (size_t i = 0; i < count; ++i) out[i] = one(bytes.data() + i * sample_bytes);
}

template <class Expand>
std::array<int16_t, 256> table_of(Expand expand) {
  std::array<int16_t, 256> table{};
  for (size_t code = 0; code < table.size(); ++code) table[code] = expand(uint8_t(code));
  return table;
}

void convert_block(std::string_view bytes, const WavLayout& layout, Counts& counts, int16_t* out) {
  static const auto kALaw = table_of(from_a_law);
  static const auto kMuLaw = table_of(from_mu_law);
  switch (layout.coding) {
    case WavCoding::kALaw:
      return convert(
          bytes, 1, [](const char* at) { return kALaw[uint8_t(*at)]; }, out);
    case WavCoding::kMuLaw:
      return convert(
          bytes, 1, [](const char* at) { return kMuLaw[uint8_t(*at)]; }, out);
    case WavCoding::kFloat:
      if (layout.bits == 32) {
        return convert(
            bytes, 4, [&](const char* at) { return from_float<float>(at, counts); }, out);
      }
      return convert(
          bytes, 8, [&](const char* at) { return from_float<double>(at, counts); }, out);
    case WavCoding::kPcm:
      break;
    case WavCoding::kGsm:
      EARFUL_CHECK(false);
  }
  switch (layout.bits) {
    case 8:
      return convert(
          bytes, 1, [](const char* at) { return int16_t((uint8_t(*at) - 128) * 256); }, out);
    case 16:
      std::memcpy(out, bytes.data(), bytes.size());
      return;
    case 24:
      return convert(
          bytes, 3,
          [](const char* at) {
            uint32_t value = 0;
            std::memcpy(&value, at, 3);
            return upper_16_of_32(int32_t(value << 8));
          },
          out);
    default:
      return convert(
          bytes, 4,
          [](const char* at) {
            int32_t value = 0;
            std::memcpy(&value, at, 4);
            return upper_16_of_32(value);
          },
          out);
  }
}

}  // namespace

int16_t from_a_law(uint8_t code) {
  const int bits = code ^ 0x55;
  const int exponent = bits >> 4 & 7;
  int value = (bits & 15) << 4 | 8;
  if (exponent > 0) value = (value | 0x100) << (exponent - 1);
  return int16_t(bits & 0x80 ? value : -value);
}

int16_t from_mu_law(uint8_t code) {
  const int bits = ~code & 0xff;
  const int value = (((bits & 15) << 3 | 0x84) << (bits >> 4 & 7)) - 0x84;
  return int16_t(bits & 0x80 ? -value : value);
}

Result<void> decode_wav_samples(const ReadAt& read_at, const WavLayout& layout, PcmSink& sink) {
  for (const std::string& warning : layout.warnings) sink.warn(warning);
  EARFUL_TRY(sink.format({layout.rate_hz, layout.channels}));
  const auto frame = size_t(layout.frame_bytes());
  std::vector<char> block(kBlockBytes);
  std::vector<int16_t> samples(kBlockBytes);
  Counts counts;
  for (int64_t done = 0; done < layout.data_bytes;) {
    const auto want = size_t(std::min<int64_t>(int64_t(kBlockBytes), layout.data_bytes - done));
    size_t got = read_at(layout.data_offset + done, {block.data(), want});
    got -= got % frame;
    if (got == 0) break;  // shorter than when it was measured
    convert_block({block.data(), got}, layout, counts, samples.data());
    EARFUL_TRY(sink.samples(std::span(samples).first(got / frame * size_t(layout.channels))));
    done += int64_t(got);
  }
  if (counts.no_numbers > 0) {
    sink.warn(std::to_string(counts.no_numbers) + " samples were no numbers and are silent");
  }
  if (counts.clamped > 0) {
    sink.warn(std::to_string(counts.clamped) + " samples were beyond full scale and were clamped");
  }
  return {};
}

}  // namespace earful::recorder
