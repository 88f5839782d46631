#include "recorder/codec/leg_encoder.h"

#include <opus/opus.h>

#include <string>

namespace earful::recorder {

int default_bitrate_bps(int rate_hz) {
  if (rate_hz <= 8000) return 12000;
  return rate_hz <= 16000 ? 16000 : 20000;
}

void LegEncoder::Close::operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }

Result<LegEncoder> LegEncoder::make(int rate_hz, const EncoderSettings& settings) {
  int fault = OPUS_OK;
  LegEncoder made;
  made.encoder_.reset(opus_encoder_create(rate_hz, 1, OPUS_APPLICATION_VOIP, &fault));
  const int bitrate = settings.bitrate_bps ? settings.bitrate_bps : default_bitrate_bps(rate_hz);
  if (fault == OPUS_OK) {
    fault = opus_encoder_ctl(made.encoder_.get(), OPUS_SET_BITRATE(bitrate));
  }
  if (fault == OPUS_OK) {
    fault = opus_encoder_ctl(made.encoder_.get(), OPUS_SET_COMPLEXITY(settings.complexity));
  }
  if (fault == OPUS_OK) {
    fault = opus_encoder_ctl(made.encoder_.get(), OPUS_GET_LOOKAHEAD(&made.lookahead_));
  }
  if (fault != OPUS_OK) {
    return Error{"E_ENCODER", "starting an Opus encoder at " + std::to_string(rate_hz) + " Hz, " +
                                  std::to_string(bitrate) + " b/s, complexity " +
                                  std::to_string(settings.complexity) + ": " +
                                  opus_strerror(fault)};
  }
  return made;
}

Result<std::string_view> LegEncoder::encode(std::span<const int16_t> frame) {
  const int length = opus_encode(encoder_.get(), frame.data(), int(frame.size()), packet_.data(),
                                 opus_int32(packet_.size()));
  if (length < 0) {
    return Error{"E_ENCODER", std::string("encoding a frame: ") + opus_strerror(length)};
  }
  return std::string_view(reinterpret_cast<const char*>(packet_.data()), size_t(length));
}

}  // namespace earful::recorder
