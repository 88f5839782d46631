// The two headers of an Ogg Opus stream (RFC 7845, 5.1 and 5.2). No state.
// Errors: E_HEADER with the field and its value; E_CODEC for a layout we do not read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace earful::recorder {

// Gain beyond this is not applied: a damaged header must not hurt anybody's ears.
inline constexpr double kMaxGainDb = 12;

struct OpusHead {
  int channels = 1;            // legs: 1 or 2
  int pre_skip = 0;            // samples at 48 kHz before the first kept one
  uint32_t input_rate_hz = 0;  // of what was encoded; 0 is unknown
  int gain_q8 = 0;             // dB x 256, to be applied by the player
  int mapping_family = 0;
  int streams = 1;
  int coupled = 0;  // of these, stereo
  std::array<uint8_t, 2> mapping{0, 1};

  double gain_db() const { return gain_q8 / 256.0; }
};

// The layout of one of our calls: family 0 for one leg, family 1 with two mono streams for two.
OpusHead head_of_call(int legs, int pre_skip, int rate_hz);

std::string encode_opus_head(const OpusHead& head);
Result<OpusHead> parse_opus_head(std::string_view packet);
bool looks_like_opus_head(std::string_view packet);

// Vendor (the Opus library) and ENCODER (this program); nothing about the call.
std::string encode_opus_tags();

}  // namespace earful::recorder
