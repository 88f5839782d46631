// A sound card for tests: it takes a click at every whole second of true time and hands out blocks
// that say when they were taken, with a quartz that is off and times that come late.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "recorder/source/live_source.h"
#include "tests/recorder/click_finder.h"

namespace earful::recorder {

class ScriptedDevice {
 public:
  struct Script {
    int rate_hz = 8000;
    double ppm = 0;       // its clock is fast by so much
    double begins = 0;    // true time of its first sample
    double jitter = 0;    // blocks say times up to so much too late
    double block = 0.02;  // seconds by its own count
    double click = 0;     // of each second
    int channels = 1;     // the second has its clicks 0.25 s later
  };

  explicit ScriptedDevice(const Script& script) : script_(script), random_(1) {
    samples_per_second_ = script.rate_hz * (1 + script.ppm * 1e-6);
  }

  // When the next block is complete.
  double due() const { return time_of(at_ + block_samples()); }

  LiveBlock next() {
    const int64_t from = at_;
    at_ += block_samples();
    samples_.assign(size_t((at_ - from) * script_.channels), 0);
    for (int channel = 0; channel < script_.channels; ++channel) clicks(from, channel);
    LiveBlock block;
    block.format = {script_.rate_hz, script_.channels};
    block.samples = samples_;
    const double late = std::uniform_real_distribution<double>(0, script_.jitter)(random_);
    block.end = CaptureTime(std::llround((time_of(at_) + late) * 1e9));
    return block;
  }

  // Samples that nobody gets.
  void skip(int64_t samples) { at_ += samples; }
  double now() const { return time_of(at_); }
  int64_t samples() const { return at_; }

 private:
  int64_t block_samples() const { return std::llround(script_.block * script_.rate_hz); }
  double time_of(int64_t sample) const {
    return script_.begins + double(sample) / samples_per_second_;
  }

  void clicks(int64_t from, int channel) {
    const double shift = script_.click + 0.25 * channel;
    for (int64_t i = from; i < at_; ++i) {
      samples_[size_t((i - from) * script_.channels + channel)] = click_at(time_of(i) - shift);
    }
  }

  Script script_;
  std::mt19937 random_;
  double samples_per_second_;
  int64_t at_ = 0;
  std::vector<int16_t> samples_;
};

}  // namespace earful::recorder
