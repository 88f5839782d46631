// One source of a call on the call's time axis: its blocks in, samples of its legs out, each where
// it belongs. A part of timeline.h, which draws the axis.
//
// A run is what a device gave without a break. Its first 0.4 s wait until it is known where it
// stands (device_clock.h); then they follow at once, and the resampler keeps the rest in place:
//
//     blocks   [====|====] overflow, 964 samples [====|====] device gone        [====|====|====]
//     run      1                                 1                              2, settling
//     axis     [=========][silence, 964 samples ][=========][silence .........][==============]
//     losses              "overflow", counted               "device_lost", as the times say
//
// A counted loss becomes as many samples of silence in the same run; where only the times tell,
// another run begins. When the axis must go on without this track, fill_to() writes silence;
// what comes later for that time is dropped and counted as lost.
//
// Samples and positions here are of the axis, at the coded rate. No thread of its own; one owner;
// no errors.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "recorder/frame/device_clock.h"
#include "recorder/frame/frame.h"
#include "recorder/frame/steered_resampler.h"
#include "recorder/source/live_source.h"

namespace earful::recorder {

// Where the legs of a source stand in a call.
struct TrackPlace {
  int leg = 0;           // the first
  int legs = 1;          // one leg is mixed from whatever channels come
  bool swapped = false;  // of two legs: the first channel is the customer's
};

// Silence that stands where something should have been.
struct Loss {
  int leg = -1;  // -1: both
  Position start = 0, end = 0;
  GapCause cause = GapCause::kDeviceLost;
  int64_t lost_samples = -1;  // per channel at the device's rate; -1: not known
};
using LossTaker = std::function<void(const Loss&)>;

// Seconds on the reference clock from any origin.
struct Axis {
  int rate_hz = 8000;
  std::optional<double> zero;  // position 0; nothing is placed before it is known
};

class Track {
 public:
  using Range = std::pair<int64_t, int64_t>;

  // The axis outlives the track.
  // losing: told at most once of a loss that goes on; lost: when it is over.
  Track(const Axis& axis, const TrackPlace& place, LossTaker lost, LossTaker losing);

  // A block whose last sample was taken at `end`.
  void push(const LiveBlock& block, double end);
  // Puts what has settled on the axis; with `now`, also what has not.
  void place(bool now);
  void fill_to(int64_t sample);
  // Of silence that will be a loss, whenever it ends.
  void tell_lasting();
  // No more blocks: what waits is placed and pushed out.
  void stop();
  // The call ends at this sample, which is not before head().
  void finish(int64_t sample);

  // Waits for nothing to be placed: enough of the run is there, or no more comes.
  bool settled() const;
  bool ended() const { return ended_; }
  // When the first sample that waits to be placed was taken.
  std::optional<double> first() const;
  // The same of the first run while it is placed and young: every second it is better known.
  std::optional<double> young_first() const;
  int64_t head() const { return head_; }  // the axis is written up to here
  const TrackPlace& where() const { return where_; }

  std::span<const int16_t> samples(int row, int64_t sample, size_t count) const;
  // Where what was said is replaced by silence; one that goes on has no end yet.
  const std::deque<Range>& pauses() const { return pauses_; }
  // Forgets what stands before this sample.
  void take(int64_t up_to);

 private:
  struct Piece {
    std::vector<int16_t> rows;  // of the track's legs, interleaved
    bool paused = false;
    std::optional<GapCause> lost;  // these are silence in place of what was lost
  };
  struct Hole {
    int64_t start = 0;
    std::optional<GapCause> cause;
    int64_t lost = 0;     // at the device's rate
    bool counted = true;  // that is all of it
    double late = 0;      // samples that came too late, at the device's rate
    bool told = false;    // that it goes on
  };

  void break_off(GapCause cause);
  void flush();
  void add(Piece piece);
  void lay(const Piece& piece);
  void mark_pause(bool paused, int64_t start);
  void append(std::span<const int16_t> rows, bool lost);
  void steer();
  int64_t next_input_at() const;
  std::vector<int16_t> rows_of(const LiveBlock& block) const;
  void open_hole(int64_t start);
  void close_hole(int64_t end);
  void watch_channels(int channels, int64_t start);
  bool is_loss(const Hole& hole, int64_t end) const;
  Loss loss_of(const Hole& hole, int64_t end) const;
  Position position(int64_t sample) const;

  const Axis& axis_;
  TrackPlace where_;
  LossTaker lost_, losing_;

  // The run that goes on.
  PcmFormat format_;
  std::optional<DeviceClock> clock_;
  std::vector<Piece> waiting_;                 // until it is placed
  std::optional<SteeredResampler> resampler_;  // since it is
  int64_t stream_ = 0;                         // where the resampler's next output belongs
  int64_t steered_ = 0;                        // its input then
  bool first_run_ = true;

  std::optional<Hole> hole_;
  std::optional<int64_t> narrow_;  // since then the second leg has no channel
  bool ended_ = false;

  std::array<std::vector<int16_t>, kMaxLegs> queue_;  // from taken_ to head_
  int64_t taken_ = 0;
  int64_t head_ = 0;
  std::deque<Range> pauses_;
  bool paused_ = false;
};

}  // namespace earful::recorder
