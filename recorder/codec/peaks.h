// The waveform of a call: the lowest and the highest sample of every 20 ms of every leg, made while
// the call is encoded, so that a page can draw it without decoding anything.
//
// The file, numbers little-endian:
//   0   4  "EFPK"
//   4   1  version, 1
//   5   1  legs, 1 or 2
//   6   2  milliseconds per frame, 20
//   8   4  frames
//   12  4  zero
//   16     frames x legs x 2: int8 minimum, int8 maximum; frame by frame, the agent's leg first
// An int8 is a 16-bit sample / 256, rounded away from silence (a minimum down, a maximum up). The
// last frame covers what is left of the call. A file of any other length is damaged: it is made
// again from the audio (rebuild_peaks in recorder/codec/call_reader.h).
//
// No thread of its own. Errors: E_PEAKS for a file that is none, E_DISK.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace earful::recorder {

inline constexpr int kPeakFrameMs = 20;

struct Peaks {
  int legs = 1;
  // values[(frame * legs + leg) * 2] is the minimum, the next one the maximum.
  std::vector<int8_t> values;

  size_t frames() const { return values.size() / size_t(legs * 2); }
  int8_t minimum(size_t frame, int leg) const { return values[index(frame, leg)]; }
  int8_t maximum(size_t frame, int leg) const { return values[index(frame, leg) + 1]; }

  // One frame of one leg; legs in turn, the agent's first.
  void add(std::span<const int16_t> samples);

 private:
  size_t index(size_t frame, int leg) const { return (frame * size_t(legs) + size_t(leg)) * 2; }
};

std::string encode_peaks(const Peaks& peaks);
Result<Peaks> decode_peaks(std::string_view bytes);
Result<Peaks> read_peaks(const std::filesystem::path& path);

}  // namespace earful::recorder
