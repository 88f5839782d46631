// One leg of a call into Opus: a mono encoder at the leg's own rate, so that nothing of one leg can
// be heard on the other. Not thread-safe; one owner. Frames are 20 ms of 16-bit samples. Errors:
// E_ENCODER when libopus refuses the settings.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

struct OpusEncoder;

namespace earful::recorder {

struct EncoderSettings {
  int bitrate_bps = 0;  // per leg; 0 is default_bitrate_bps
  int complexity = 5;   // 10 costs twice the time and is not heard on telephone speech
};

inline constexpr int kMinBitrateBps = 6000;    // below, speech breaks up
inline constexpr int kMaxBitrateBps = 128000;  // above, a mono leg gains nothing

// 12 kb/s for a telephone's 8 kHz, 16 up to 16 kHz, 20 above.
int default_bitrate_bps(int rate_hz);

class LegEncoder {
 public:
  // rate_hz is 8000, 12000, 16000, 24000 or 48000.
  static Result<LegEncoder> make(int rate_hz, const EncoderSettings& settings);

  // Samples by which the decoder lags, at the encoder's rate.
  int lookahead() const { return lookahead_; }
  // One packet for one frame; valid until the next call.
  Result<std::string_view> encode(std::span<const int16_t> frame);

 private:
  struct Close {
    void operator()(OpusEncoder* encoder) const;
  };
  // Above this a 20 ms packet at our highest rate never comes.
  static constexpr size_t kBufferBytes = 1276;

  std::unique_ptr<OpusEncoder, Close> encoder_;
  int lookahead_ = 0;
  std::array<uint8_t, kBufferBytes> packet_{};
};

}  // namespace earful::recorder
