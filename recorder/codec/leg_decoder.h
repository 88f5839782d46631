// One leg of a call back into PCM: the other end of leg_encoder.h. Not thread-safe; one owner.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

struct OpusDecoder;

namespace earful::recorder {

class LegDecoder {
 public:
  // 8000, 12000, 16000, 24000 or 48000, whatever was encoded.
  explicit LegDecoder(int rate_hz);

  // Appends the packet's samples; 20 ms are made up for one that is empty or damaged.
  void decode(std::string_view packet, std::vector<int16_t>& pcm);

 private:
  struct Close {
    void operator()(OpusDecoder* decoder) const;
  };
  std::unique_ptr<OpusDecoder, Close> decoder_;
  int frame_samples_;
};

}  // namespace earful::recorder
