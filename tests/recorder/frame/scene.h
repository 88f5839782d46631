// A call of scripted devices, its time moved by hand: what the tests of the timeline share.
#pragma once

#include <algorithm>
#include <vector>

#include "recorder/frame/timeline.h"
#include "tests/recorder/frame/scripted_device.h"

namespace earful::recorder {

using Script = ScriptedDevice::Script;

class Scene {
 public:
  struct Heard {
    explicit Heard(int rate_hz) : finder(rate_hz) {}
    ClickFinder finder;
    std::vector<int16_t> samples;
  };

  Scene(int rate_hz, const std::vector<Script>& scripts, bool keep = true)
      : keep_(keep), rate_(rate_hz), heard(2, Heard(rate_hz)) {
    std::vector<TrackPlace> places;
    for (const Script& script : scripts) {
      places.push_back({int(places.size()), script.channels, false});
      devices.emplace_back(script);
    }
    gone.resize(scripts.size());
    timeline.emplace(
        rate_hz, places,
        Timeline::Takers{[this](const Frame& frame) { return take(frame); },
                         [this](const Loss& loss) { losses.push_back(loss); },
                         [this](Position start, Position end) { pauses.emplace_back(start, end); },
                         [this](const Loss& loss) { begun.push_back(loss); },
                         [this](Position start) { pauses_begun.push_back(start); }});
  }

  // Blocks in the order in which they are complete, until that true time.
  void play_until(double end) {
    for (;;) {
      size_t track = 0;
      for (size_t i = 1; i < devices.size(); ++i) {
        if (devices[i].due() < devices[track].due()) track = i;
      }
      const double due = devices[track].due();
      if (due > end) break;
      LiveBlock block = devices[track].next();
      if (!gone[track]) push(track, block);
      // A reader comes round every 100 ms or so.
      if (due > advanced_ + 0.1) advance(due);
    }
    advance(end);
  }

  void push(size_t track, LiveBlock& block) {
    if (pausing) {
      block.paused = true;
      silence_.assign(block.samples.size(), 0);
      block.samples = silence_;
    }
    if (gap) block.gap = std::exchange(gap, std::nullopt);
    EXPECT_TRUE(timeline->push(track, block).ok());
  }

  void advance(double now) {
    advanced_ = now;
    EXPECT_TRUE(timeline->advance(CaptureTime(std::llround(now * 1e9))).ok());
  }

  void finish() { EXPECT_TRUE(timeline->finish().ok()); }

  // How far clicks stand from every whole second, less `shift`; at most.
  double worst(int leg, double shift) const {
    double most = 0;
    for (const double click : heard[size_t(leg)].finder.clicks) {
      most = std::max(most, std::abs(std::remainder(click - shift, 1.0)));
    }
    return most;
  }
  size_t clicks(int leg) const { return heard[size_t(leg)].finder.clicks.size(); }
  const std::vector<int16_t>& samples(int leg) const { return heard[size_t(leg)].samples; }

  std::vector<ScriptedDevice> devices;
  std::vector<bool> gone;
  std::optional<LiveBlock::Gap> gap;  // before the next block
  bool pausing = false;
  std::optional<Timeline> timeline;
  std::vector<Loss> losses;
  std::vector<std::pair<Position, Position>> pauses;
  std::vector<Loss> begun;
  std::vector<Position> pauses_begun;
  std::vector<Frame> frames;  // without samples

 private:
  Result<void> take(const Frame& frame) {
    EXPECT_EQ(frame.position, next_);
    next_ += Position(frame.kept) * kPositionsPerSecond / rate_;
    for (int leg = 0; leg < frame.legs; ++leg) {
      const auto kept = frame.samples[size_t(leg)].first(frame.kept);
      Heard& ear = heard[size_t(leg)];
      ear.finder.push(kept);
      if (keep_) ear.samples.insert(ear.samples.end(), kept.begin(), kept.end());
    }
    if (keep_) frames.push_back(frame);
    return {};
  }

  bool keep_;
  int rate_;
  Position next_ = 0;
  double advanced_ = 0;
  std::vector<int16_t> silence_;

 public:
  std::vector<Heard> heard;
};

inline constexpr double kAim = 0.005;  // seconds

}  // namespace earful::recorder
