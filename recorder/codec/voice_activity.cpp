#include "recorder/codec/voice_activity.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace earful::recorder {
namespace {

constexpr int kSilenceDbfs = -96;
constexpr int kStepsPerDb = 100;
constexpr size_t kWindowFrames = 10 * kFramesPerSecond;  // to each side
constexpr size_t kFloorEvery = kFramesPerSecond / 2;
constexpr double kFloorShare = 0.1;

// How many frames have which level, in whole decibels.
class Levels {
 public:
  void add(int16_t level) { change(level, 1); }
  void remove(int16_t level) { change(level, -1); }
  // The level below which a tenth lies; nothing to go by is silence.
  int floor() const {
    const int wanted = int(std::ceil(total_ * kFloorShare));
    int below = 0;
    for (size_t bin = 0; bin < counts_.size(); ++bin) {
      below += counts_[bin];
      if (below > 0 && below >= wanted) return int(bin) + kSilenceDbfs;
    }
    return kSilenceDbfs;
  }

 private:
  void change(int16_t level, int by) {
    counts_[size_t(level / kStepsPerDb - kSilenceDbfs)] += by;
    total_ += by;
  }
  std::array<int, size_t(1 - kSilenceDbfs)> counts_{};
  int total_ = 0;
};

struct Run {
  size_t begin = 0, end = 0, loud = 0;  // in frames
};

}  // namespace

void VoiceActivity::add(double mean_square) {
  const double quietest = std::pow(10, kSilenceDbfs / 10.0);
  const double dbfs = 10 * std::log10(std::clamp(mean_square, quietest, 1.0));
  levels_.push_back(int16_t(std::lround(dbfs * kStepsPerDb)));
}

std::vector<bool> VoiceActivity::heard(std::span<const Stretch> absent) const {
  std::vector<bool> heard(levels_.size(), true);
  for (const Stretch& gone : absent) {
    // A frame that is only partly there says little about either.
    const auto begin = std::min(size_t(gone.start / kFramePositions), heard.size());
    const auto end =
        std::min(size_t((gone.end + kFramePositions - 1) / kFramePositions), heard.size());
    if (begin >= end) continue;
    std::fill(heard.begin() + std::ptrdiff_t(begin), heard.begin() + std::ptrdiff_t(end), false);
  }
  return heard;
}

double VoiceActivity::noise_dbfs(std::span<const Stretch> absent) const {
  const std::vector<bool> heard = this->heard(absent);
  Levels all;
  for (size_t frame = 0; frame < levels_.size(); ++frame) {
    if (heard[frame]) all.add(levels_[frame]);
  }
  return all.floor();
}

std::vector<Stretch> VoiceActivity::talk(Position duration, std::span<const Stretch> absent) const {
  constexpr auto kJoin = size_t(kHangover / kFramePositions);
  const std::vector<bool> heard = this->heard(absent);
  std::vector<Run> runs;
  Levels around;
  size_t reach = 0;
  int floor = kLowestFloorDbfs;
  for (size_t frame = 0; frame < levels_.size(); ++frame) {
    for (; reach < std::min(frame + kWindowFrames + 1, levels_.size()); ++reach) {
      if (heard[reach]) around.add(levels_[reach]);
    }
    if (frame > kWindowFrames && heard[frame - kWindowFrames - 1]) {
      around.remove(levels_[frame - kWindowFrames - 1]);
    }
    if (frame % kFloorEvery == 0) {
      floor = std::clamp(around.floor(), kLowestFloorDbfs, kHighestFloorDbfs);
    }
    if (!heard[frame] || levels_[frame] <= (floor + kTalkAboveFloorDb) * kStepsPerDb) continue;
    if (runs.empty() || frame - runs.back().end > kJoin) runs.push_back({frame, frame, 0});
    runs.back().end = frame + 1;
    ++runs.back().loud;
  }
  std::vector<Stretch> talk;
  for (const Run& run : runs) {
    if (Position(run.loud) * kFramePositions < kShortestTalk) continue;
    talk.push_back({Position(run.begin) * kFramePositions,
                    std::min(Position(run.end) * kFramePositions, duration)});
  }
  return talk;
}

}  // namespace earful::recorder
