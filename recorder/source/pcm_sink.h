// Where a decoder puts what it reads: first the format, once, then blocks of interleaved 16-bit
// samples. Warnings say what was salvaged, one line each, for a person.
// Decoders have no thread of their own. A Result that is no success ends the decoding.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/result.h"

namespace earful::recorder {

// What a recording may be. Telephone systems stay far inside; outside, a number is a damaged
// header.
inline constexpr int kMinRateHz = 4000;
inline constexpr int kMaxRateHz = 192000;
inline constexpr int kMaxChannels = 2;
// A day. A call that long is a recorder nobody stopped.
inline constexpr int64_t kMaxCallSeconds = 24 * 60 * 60;

struct PcmFormat {
  int rate_hz = 0;
  int channels = 0;
  bool operator==(const PcmFormat&) const = default;
};

class PcmSink {
 public:
  virtual ~PcmSink() = default;
  virtual Result<void> format(const PcmFormat& format) = 0;
  virtual Result<void> samples(std::span<const int16_t> interleaved) = 0;
  virtual void warn(const std::string& what) = 0;
};

// Reads the file behind the descriptor from its beginning.
using Decoder = std::function<Result<void>(int fd, PcmSink& sink)>;

}  // namespace earful::recorder
