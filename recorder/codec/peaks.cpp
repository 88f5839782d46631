#include "recorder/codec/peaks.h"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace earful::recorder {
namespace {

constexpr std::string_view kMagic = "EFPK";
constexpr uint8_t kVersion = 1;
constexpr size_t kHeaderBytes = 16;
// A day of two legs is 17 MB; nothing longer is recorded.
constexpr size_t kMaxFileBytes = 32 << 20;

Error damaged(const std::string& what) {
  return {"E_PEAKS", "reading peaks: " + what + "; make them again from the audio"};
}

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | uint8_t(bytes[i]);
  return value;
}

}  // namespace

void Peaks::add(std::span<const int16_t> samples) {
  int16_t lowest = samples.empty() ? int16_t(0) : samples[0];
  int16_t highest = lowest;
  for (const int16_t sample : samples) {
    lowest = std::min(lowest, sample);
    highest = std::max(highest, sample);
  }
  values.push_back(int8_t(lowest >> 8));
  values.push_back(int8_t(std::min((int(highest) + 255) >> 8, 127)));
}

std::string encode_peaks(const Peaks& peaks) {
  std::string bytes(kMagic);
  bytes.push_back(char(kVersion));
  bytes.push_back(char(peaks.legs));
  bytes.push_back(char(kPeakFrameMs));
  bytes.push_back(0);
  const auto frames = uint32_t(peaks.frames());
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(char(uint8_t(frames >> shift)));
  bytes.append(4, '\0');
  bytes.append(reinterpret_cast<const char*>(peaks.values.data()), peaks.values.size());
  return bytes;
}

Result<Peaks> decode_peaks(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, 4) != kMagic) return damaged("no header");
  if (uint8_t(bytes[4]) != kVersion) {
    return damaged("version " + std::to_string(uint8_t(bytes[4])));
  }
  Peaks peaks;
  peaks.legs = bytes[5];
  if (peaks.legs < 1 || peaks.legs > 2) return damaged(std::to_string(peaks.legs) + " legs");
  if (little_endian(bytes.substr(6, 2)) != kPeakFrameMs) return damaged("another frame length");
  const size_t expected = size_t(little_endian(bytes.substr(8, 4))) * size_t(peaks.legs) * 2;
  if (bytes.size() != kHeaderBytes + expected) {
    return damaged(std::to_string(bytes.size() - kHeaderBytes) + " bytes of values instead of " +
                   std::to_string(expected));
  }
  peaks.values.resize(expected);
  std::memcpy(peaks.values.data(), bytes.data() + kHeaderBytes, expected);
  return peaks;
}

Result<Peaks> read_peaks(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"E_DISK", "opening " + path.string() + ": " + std::strerror(errno)};
  std::string bytes;
  std::vector<char> block(64 * 1024);
  while (file.read(block.data(), std::streamsize(block.size())), file.gcount() > 0) {
    bytes.append(block.data(), size_t(file.gcount()));
    if (bytes.size() > kMaxFileBytes) return damaged("more than a day of values");
  }
  return decode_peaks(bytes);
}

}  // namespace earful::recorder
