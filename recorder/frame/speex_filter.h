// What every resampler of ours runs samples through: one speexdsp state with our quality, its first
// zeros skipped. No thread of its own; one owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct SpeexResamplerState_;

namespace earful::recorder {

class SpeexFilter {
 public:
  SpeexFilter(int from_hz, int to_hz, size_t channels);

  // Input samples per output sample from the next one on, as a fraction.
  void set_step(uint32_t numerator, uint32_t denominator);
  double step() const { return step_; }
  // Interleaved samples in; what comes out is appended. How many came out, per channel.
  size_t run(std::span<const int16_t> interleaved, std::vector<int16_t>& out);

 private:
  struct Close {
    void operator()(SpeexResamplerState_* state) const;
  };

  std::unique_ptr<SpeexResamplerState_, Close> state_;
  size_t channels_;
  double step_;
};

}  // namespace earful::recorder
