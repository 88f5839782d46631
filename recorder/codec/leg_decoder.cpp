#include "recorder/codec/leg_decoder.h"

#include <opus/opus.h>

#include <algorithm>

#include "base/check.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

constexpr int kMaxPacketFrames = 6;  // 120 ms

}  // namespace

void LegDecoder::Close::operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }

LegDecoder::LegDecoder(int rate_hz) : frame_samples_(rate_hz / kFramesPerSecond) {
  int fault = OPUS_OK;
  decoder_.reset(opus_decoder_create(rate_hz, 1, &fault));
  EARFUL_CHECK(fault == OPUS_OK);
}

void LegDecoder::decode(std::string_view packet, std::vector<int16_t>& pcm) {
  const size_t at = pcm.size();
  pcm.resize(at + size_t(kMaxPacketFrames * frame_samples_));
  int got = -1;
  if (!packet.empty()) {
    got = opus_decode(decoder_.get(), reinterpret_cast<const unsigned char*>(packet.data()),
                      opus_int32(packet.size()), pcm.data() + at, kMaxPacketFrames * frame_samples_,
                      0);
  }
  if (got < 0) {
    got = opus_decode(decoder_.get(), nullptr, 0, pcm.data() + at, frame_samples_, 0);
  }
  pcm.resize(at + size_t(std::max(got, 0)));
}

}  // namespace earful::recorder
