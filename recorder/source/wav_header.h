// A walk over the chunks of a WAV file (RIFF and RF64) before anything else touches it: what is
// said is checked against what is there, and nothing is allocated by what a header claims. No
// state. Offsets and lengths in bytes.
//
// Salvaged with a warning: sizes of streamed files, a data chunk longer than the file, a missing
// pad byte, a chunk that runs past the end, a second data chunk. Errors: E_EMPTY no samples;
// E_SHORT ends inside a header; E_HEADER a field is out of range (named, with its value); E_CODEC a
// coding we do not read; E_CHUNKS too many chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace earful::recorder {

enum class WavCoding { kPcm, kFloat, kALaw, kMuLaw, kGsm };

struct WavLayout {
  WavCoding coding = WavCoding::kPcm;
  int channels = 0;
  int rate_hz = 0;
  int bits = 0;  // per sample as stored: 8, 16, 24, 32, 64
  int64_t data_offset = 0;
  int64_t data_bytes = 0;  // whole sample frames, inside the file
  std::vector<std::string> warnings;

  int frame_bytes() const { return channels * bits / 8; }
};

// More chunks than any recorder writes; a hundred thousand tiny ones must not cost a walk.
inline constexpr int kMaxWavChunks = 1024;

// Reads from an offset; gives fewer bytes only at the end.
using ReadAt = std::function<size_t(int64_t offset, std::span<char> out)>;

Result<WavLayout> walk_wav(const ReadAt& read_at, int64_t file_bytes);

}  // namespace earful::recorder
