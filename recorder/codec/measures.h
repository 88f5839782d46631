// What can be said about a call without understanding a word: who talks when and how loud. Made
// while the call is encoded, from the samples that are kept, and stored with it as JSON:
//
//   {"version":1,
//    "legs":[{"talk_ms","share","longest_ms","loudness_lufs","peak_dbfs","clipped",
//             "talk":[[start_ms,end_ms],...]},...],     the agent's first
//    "silences":[[start_ms,end_ms],...],                nobody talks for kLongSilence or more
//    "talk_over":[[start_ms,end_ms],...],"talk_over_ms",
//    "noise_dbfs":[...]}                                by leg (voice_activity.h)
//
// share: of all talk of both legs, 0 to 1. longest: the longest stretch one leg holds the floor,
// its own pauses below kBreath counted in as long as the other leg is silent in them. loudness:
// integrated and gated, EBU R 128 over ITU-R BS.1770, null for silence. clipped: samples that stand
// at full scale three or more in a row. No person is named, and none is rated.
//
// No thread of its own; one owner. No errors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto/position.h"
#include "recorder/codec/voice_activity.h"

namespace earful::recorder {

inline constexpr Position kLongSilence = 3 * kPositionsPerSecond;
inline constexpr Position kShortestTalkOver = kPositionsPerMs * 200;  // less is taking turns
inline constexpr Position kBreath = 2 * kPositionsPerSecond;
// Six hours of a new stretch every second; later ones count in the sums and are not listed.
inline constexpr size_t kMaxStretches = 20000;

struct LegMeasures {
  std::vector<Stretch> talk;
  Position talked = 0;
  Position longest = 0;
  double share = 0;
  std::optional<double> loudness_lufs;
  double peak_dbfs = 0;
  int64_t clipped = 0;
  double noise_dbfs = 0;
};

struct Measures {
  std::vector<LegMeasures> legs;
  std::vector<Stretch> silences;
  std::vector<Stretch> talk_over;
  Position talked_over = 0;
};

std::string measures_json(const Measures& measures);

// Measures a call as it passes.
class Meter {
 public:
  Meter(int rate_hz, int legs);
  ~Meter();
  Meter(Meter&&) noexcept;
  Meter& operator=(Meter&&) noexcept;

  // One frame of one leg; legs in turn, the agent's first.
  void add(std::span<const int16_t> samples);

  // absent, sorted: where the call was paused or lost audio on every leg. It is no silence.
  Measures finish(std::span<const Stretch> absent) const;

 private:
  struct LegMeter;

  int rate_hz_;
  std::vector<LegMeter> legs_;
  size_t next_leg_ = 0;
  int64_t samples_ = 0;  // of the first leg
};

}  // namespace earful::recorder
