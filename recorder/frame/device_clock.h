// When a device took each of its samples, told from blocks that arrive late by more or less.
//
// A device counts by a quartz of its own, up to 500 ppm off: 1.8 s in an hour. A block's time is
// never too early and often too late (the machine was busy), so of every second only the least late
// block counts, and a loop that smooths over ten seconds and more follows these: the lateness of
// single blocks is never taken for drift.
//
//     how late
//        |  .   .        .   .          .       .  blocks, 0 to 50 ms late
//        |    .    . .     .     .  .     .  .
//        |   .   o    .  .    o   .    o    .   o   the least late of each second
//        | ------------------------------------------- the clock, through these
//        +------------------------------------------ samples
//
// Times are seconds on the reference clock from any origin; samples are counted from the first of
// an unbroken run. No thread of its own; one owner; no errors.
#pragma once

#include <cstdint>
#include <optional>

namespace earful::recorder {

class DeviceClock {
 public:
  explicit DeviceClock(int rate_hz) : rate_(rate_hz) {}

  // The next samples, the last of them taken at that time.
  void push(int64_t samples, double end);
  // Samples that were taken and lost, before the next push.
  void skip(int64_t samples) { count_ += samples; }
  // The first estimate, from the blocks so far; until then times are those of the first block.
  void settle();

  // When the first sample was taken, as far as is known before settle().
  std::optional<double> first() const;

  double time_of(double sample) const { return time_ + (sample - sample_) * seconds_per_sample(); }
  double seconds_per_sample() const { return (1 + drift_) / rate_; }
  int64_t samples() const { return count_; }
  // Every block of a second stood far from where it was due, or of three seconds a frame too late:
  // this is another run.
  bool jumped() const { return jumped_; }

 private:
  void follow();

  double rate_;
  int64_t count_ = 0;
  double sample_ = 0;  // taken at time_
  double time_ = 0;
  double drift_ = 0;       // longer than nominal, as a fraction
  double least_late_ = 0;  // of the blocks since window_
  int64_t window_ = 0;     // samples at its beginning
  int steps_ = 0;          // of the loop
  int late_seconds_ = 0;   // in a row
  bool begun_ = false;
  bool settled_ = false;
  bool jumped_ = false;
};

}  // namespace earful::recorder
