#include "recorder/frame/timeline.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace earful::recorder {
namespace {

// How long the others wait for a leg, in seconds. A listener to a live call hears it as delay when
// a device fails; less would make late blocks into losses.
constexpr double kWait = 0.5;
constexpr int kMaxFramesAtOnce = 100;

}  // namespace

Timeline::Timeline(int rate_hz, const std::vector<TrackPlace>& places, Takers takers)
    : axis_{rate_hz, std::nullopt},
      takers_(std::move(takers)),
      frame_samples_(size_t(rate_hz / kFramesPerSecond)) {
  EARFUL_CHECK(coded_rate_hz(rate_hz) == rate_hz);
  tracks_.reserve(places.size());
  for (const TrackPlace& place : places) {
    tracks_.emplace_back(axis_, place, takers_.loss, takers_.loss_begun);
    legs_ += place.legs;
  }
  EARFUL_CHECK(legs_ >= 1 && legs_ <= kMaxLegs);
}

double Timeline::seconds(CaptureTime time) const {
  return std::chrono::duration<double>(time - *origin_).count();
}

bool Timeline::ended() const {
  return std::all_of(tracks_.begin(), tracks_.end(), [](const Track& t) { return t.ended(); });
}

// Position 0 is the earliest sample there is.
void Timeline::begin() {
  for (const Track& track : tracks_) {
    const auto first = track.first();
    if (!first || (axis_.zero && *axis_.zero <= *first)) continue;
    axis_.zero = first;
    leader_ = &track;
  }
}

// When that was, is known better after some seconds; the other leg is steered after it.
void Timeline::follow_leader() {
  if (!leader_) return;
  const auto first = leader_->young_first();
  if (!first) leader_ = nullptr;
  if (first) axis_.zero = first;
}

Result<void> Timeline::push(size_t track, const LiveBlock& block) {
  if (!origin_) origin_ = block.end;
  // What was read before a break is placed by what is known so far.
  if (!axis_.zero && block.gap) begin();
  if (block.gap) EARFUL_TRY(reach(tracks_[track]));
  tracks_[track].push(block, seconds(block.end));
  return arrange();
}

Result<void> Timeline::arrange() {
  const auto settled = [](const Track& track) { return track.settled(); };
  if (!axis_.zero && std::all_of(tracks_.begin(), tracks_.end(), settled)) begin();
  if (!axis_.zero) return {};
  for (Track& track : tracks_) track.place(false);
  follow_leader();
  for (;;) {
    const int64_t end = emitted_ + int64_t(frame_samples_);
    bool whole = false;
    for (const Track& track : tracks_) {
      if (!track.ended() && track.head() < end) return {};
      whole = whole || track.head() >= end;
    }
    if (!whole) return {};
    EARFUL_TRY(give(frame_samples_));
  }
}

Result<void> Timeline::advance(CaptureTime now) {
  if (!origin_ || ended()) return {};
  if (!axis_.zero) {
    for (const Track& track : tracks_) {
      if (track.first() && seconds(now) - *track.first() >= kWait) begin();
    }
    EARFUL_TRY(arrange());
  }
  if (!axis_.zero) return {};
  const auto due = int64_t(std::floor((seconds(now) - kWait - *axis_.zero) * axis_.rate_hz));
  for (int frames = 0; frames < kMaxFramesAtOnce; ++frames) {
    if (emitted_ + int64_t(frame_samples_) > due) break;
    EARFUL_TRY(give(frame_samples_));
  }
  return arrange();
}

// What waits on this track is about to be placed. The silence before it, hours of it after a sleep,
// is given frame by frame as advance() does, and never had at once.
Result<void> Timeline::reach(const Track& track) {
  if (!axis_.zero || !track.first()) return {};
  const double ahead = *track.first() - kWait - *axis_.zero;
  const auto due = int64_t(std::floor(ahead * axis_.rate_hz));
  while (emitted_ + int64_t(frame_samples_) <= due) EARFUL_TRY(give(frame_samples_));
  return {};
}

Result<void> Timeline::finish() {
  if (!axis_.zero) begin();
  std::vector<Track*> waiting;
  for (Track& track : tracks_) {
    if (track.first()) {
      waiting.push_back(&track);
    } else {
      track.stop();
    }
  }
  std::sort(waiting.begin(), waiting.end(),
            [](const Track* a, const Track* b) { return *a->first() < *b->first(); });
  for (Track* track : waiting) {
    EARFUL_TRY(reach(*track));
    track->stop();
  }
  int64_t end = emitted_;
  for (const Track& track : tracks_) end = std::max(end, track.head());
  for (Track& track : tracks_) track.finish(end);
  while (emitted_ < end) {
    EARFUL_TRY(give(size_t(std::min(end - emitted_, int64_t(frame_samples_)))));
  }
  if (pause_) follow_pause(emitted_);
  return {};
}

// One frame; whoever has not come so far is silent.
Result<void> Timeline::give(size_t kept) {
  const int64_t end = emitted_ + int64_t(frame_samples_);
  Frame frame;
  frame.position = position();
  frame.legs = legs_;
  frame.kept = kept;
  frame.paused = follow_pause(emitted_ + int64_t(kept));
  for (Track& track : tracks_) {
    track.fill_to(end);
    track.tell_lasting();
    const TrackPlace& place = track.where();
    for (int row = 0; row < place.legs; ++row) {
      frame.samples[size_t(place.leg + row)] = track.samples(row, emitted_, frame_samples_);
    }
  }
  const Result<void> taken = takers_.frame(frame);
  for (Track& track : tracks_) track.take(end);
  emitted_ += int64_t(kept);
  return taken;
}

// Whether anything up to `end` is paused; tells a pause once it is over.
bool Timeline::follow_pause(int64_t end) {
  bool paused = false;
  const bool before = pause_.has_value();
  for (const Track& track : tracks_) {
    for (const auto& [from, to] : track.pauses()) {
      const int64_t start = std::max(from, emitted_);
      const int64_t stop = std::min(to, end);
      if (start >= stop) continue;
      if (!pause_) pause_ = {start, stop};
      pause_->first = std::min(pause_->first, start);
      pause_->second = std::max(pause_->second, stop);
      paused = true;
    }
  }
  const Position scale = kPositionsPerSecond / axis_.rate_hz;
  if (paused && !before && takers_.pause_begun) takers_.pause_begun(pause_->first * scale);
  if (!paused && pause_) {
    takers_.pause(pause_->first * scale, pause_->second * scale);
    pause_.reset();
  }
  return paused;
}

}  // namespace earful::recorder
