// A stretch of a kept call as a file of its own, in pieces: Ogg Opus made of the call's own
// packets, which are never encoded again, or WAV (16-bit PCM at the call's rate, agent's leg
// first). Both are exact to the sample of the coded rate: an Opus clip begins 80 ms early, so that
// its decoders have converged, and counts that out as pre-skip (RFC 7845, 4.2 and 4.6).
//
// No thread of its own; one owner. What is missing in a damaged file is concealed.
// Errors: E_DISK; E_CODEC or E_HEADER for a file that is no call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "proto/position.h"
#include "recorder/codec/call_packets.h"

namespace earful::recorder {

enum class ClipFormat { kOpus, kWav };

class Clip {
 public:
  // 0 <= from < to <= the call's length.
  static Result<Clip> open(const std::filesystem::path& audio, Position from, Position to,
                           ClipFormat format);
  ~Clip();
  Clip(Clip&&) noexcept;
  Clip& operator=(Clip&&) noexcept;

  // Appends the next piece, some kilobytes; false when that was the last.
  Result<bool> next(std::string& out);

 private:
  class Writer;
  class OpusClip;
  class WavClip;
  Clip(CallPackets packets, std::unique_ptr<Writer> writer, int64_t count);

  CallPackets packets_;
  std::unique_ptr<Writer> writer_;
  int64_t left_;  // packets
  bool begun_ = false;
};

}  // namespace earful::recorder
