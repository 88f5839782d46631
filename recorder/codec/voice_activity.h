// When somebody talks on a leg: 20 ms frames that are louder than the noise around them.
//
// The noise floor is the level below which a tenth of the frames of the twenty seconds around lie,
// so it follows a line that gets noisier and is not fooled by a long monologue. Talk is what stands
// kTalkAboveFloorDb above it. A pause shorter than kHangover belongs to the talk around it; a
// stretch begins and ends with the frame in which it is heard, not with the hangover. The whole
// call is looked at once it has ended: two bytes a frame are kept until then.
//
// Takes ringing, music and a barking dog for talk. No thread of its own; one owner. No errors.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/position.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {

// From start up to, not including, end.
struct Stretch {
  Position start = 0, end = 0;
  bool operator==(const Stretch&) const = default;
};

inline constexpr int kTalkAboveFloorDb = 9;
// Quieter floors are taken for this one: below, a telephone line carries nothing.
inline constexpr int kLowestFloorDbfs = -70;
// Louder ones for this: it is somebody who talks without a breath, or music, and no floor.
inline constexpr int kHighestFloorDbfs = -40;
inline constexpr Position kHangover = kPositionsPerMs * 300;
inline constexpr Position kShortestTalk = kPositionsPerMs * 80;  // less is a click

class VoiceActivity {
 public:
  // The next frame: the mean square of its samples, 1 for full scale.
  void add(double mean_square);

  // absent: where nothing was heard because the call was paused or lost audio; it is neither talk
  // nor noise.
  std::vector<Stretch> talk(Position duration, std::span<const Stretch> absent) const;
  // The level below which a tenth of the whole call lies; -96 for digital silence.
  double noise_dbfs(std::span<const Stretch> absent) const;

 private:
  std::vector<bool> heard(std::span<const Stretch> absent) const;

  std::vector<int16_t> levels_;  // of each frame, in 1/100 dBFS
};

}  // namespace earful::recorder
