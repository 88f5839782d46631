// A call as it is kept: frames in, the bytes of an Ogg Opus file out, peaks and measures beside it.
// Every leg has an encoder of its own; a file of two legs carries a packet of each in one
// (packet_pair.h). The end is exact: the file plays as many samples as were kept. No thread of its
// own; one owner. Errors: E_ENCODER and those of the sink.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "recorder/codec/leg_encoder.h"
#include "recorder/codec/measures.h"
#include "recorder/codec/ogg_writer.h"
#include "recorder/codec/peaks.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {

class CallWriter {
 public:
  // The same call and serial give the same bytes.
  static Result<CallWriter> make(int rate_hz, int legs, const EncoderSettings& settings,
                                 uint32_t serial, ByteSink sink);

  // Frames in order, each full but the last.
  Result<void> write(const Frame& frame);
  // Needs a frame.
  Result<void> finish();

  const Peaks& peaks() const { return peaks_; }
  // Of what was written until now; absent as in Meter::finish().
  Measures measures(std::span<const Stretch> absent = {}) const { return meter_.finish(absent); }
  // Samples at 48 kHz by which a decoder lags.
  int pre_skip() const { return encoders_[0].lookahead() * int(kPositionsPerSecond / rate_hz_); }
  // Of the newest frame, a packet per leg; valid until the next write().
  const std::array<std::string_view, kMaxLegs>& packets() const { return packets_; }

 private:
  CallWriter(std::vector<LegEncoder> encoders, OggWriter ogg, int rate_hz);
  Result<void> encode(const Frame& frame);

  std::vector<LegEncoder> encoders_;
  OggWriter ogg_;
  Peaks peaks_;
  Meter meter_;
  int rate_hz_;
  int64_t kept_ = 0;     // samples per leg
  int64_t encoded_ = 0;  // samples per leg, with what fills the last frame
  std::array<std::string_view, kMaxLegs> packets_;  // in the encoders
  std::string joined_;
};

}  // namespace earful::recorder
