// The one time axis of a live call: blocks of its sources in, in any interleaving; frames of all
// legs out, in step, and what is missing from them.
//
// Position 0 is the first sample of the leg that came first. From there on the reference clock
// rules, and no other: each device's samples stand where they were taken, whatever its own clock
// counts, so that after an hour both legs still agree with each other and with the clock.
//
//     reference clock   0 s        1 s        2 s        3 s        4 s
//                       |----------|----------|----------|----------|---->
//     agent's device    [=====|=====|=====|=====|=====|=====|=====|===     200 ppm fast: squeezed
//     customer's              [======|======]  gone    [======|======]     late, lost, back again
//     frames, agent     [==][==][==][==][==][==][==][==][==][==][==]
//     frames, customer  [..][..][==][==][==][==][..][..][..][==][==]
//     losses                                    [device_lost]
//
// A track that lags is waited for half a second; then advance() writes silence in its place. A
// pause is silence of the same length, in the frames of all legs that paused.
//
// Drift, jitter: device_clock.h. Gaps, lateness: track.h. No thread of its own; one owner. Errors:
// those of whoever takes the frames.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "recorder/frame/framer.h"
#include "recorder/frame/track.h"

namespace earful::recorder {

using PauseTaker = std::function<void(Position start, Position end)>;

class Timeline {
 public:
  struct Takers {
    FrameTaker frame;
    LossTaker loss;    // when it is over, maybe before the frames around it
    PauseTaker pause;  // when it is over
    // Of what lasts, before it is over: its end, and what else is not known yet, are still open.
    LossTaker loss_begun = {};
    std::function<void(Position start)> pause_begun = {};
  };

  // rate_hz is one of kCodedRatesHz; the places cover each leg once.
  Timeline(int rate_hz, const std::vector<TrackPlace>& places, Takers takers);
  Timeline(const Timeline&) = delete;  // the tracks see the axis
  Timeline& operator=(const Timeline&) = delete;

  Result<void> push(size_t track, const LiveBlock& block);
  // The clock's time once all that came before it is pushed. Two seconds of silence at most are
  // written at once, so that a long sleep of the machine keeps nobody from reading: call it again.
  Result<void> advance(CaptureTime now);
  // All there is, with the last frame filled up. Whoever never gave a sample gets no frame.
  Result<void> finish();

  // Of the next frame.
  Position position() const { return emitted_ * (kPositionsPerSecond / axis_.rate_hz); }
  bool ended() const;  // every track has

 private:
  double seconds(CaptureTime time) const;
  void begin();
  void follow_leader();
  Result<void> arrange();
  Result<void> reach(const Track& track);
  Result<void> give(size_t kept);
  bool follow_pause(int64_t end);

  Axis axis_;
  Takers takers_;
  size_t frame_samples_;
  int legs_ = 0;
  std::vector<Track> tracks_;
  std::optional<CaptureTime> origin_;  // of seconds
  const Track* leader_ = nullptr;      // its first sample is position 0
  int64_t emitted_ = 0;                // samples of the axis in frames so far
  std::optional<Track::Range> pause_;
};

}  // namespace earful::recorder
