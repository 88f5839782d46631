#include "agent/live/live_feed.h"

#include <algorithm>

#include "agent/live/live_record.h"
#include "base/check.h"
#include "recorder/frame/frame.h"

namespace earful::agent {

using recorder::kFramePositions;

void LiveFeed::packet(const recorder::LivePacket& packet) {
  LiveAudio audio;
  audio.position = packet.position - about_.pre_skip_48k;
  audio.paused = packet.paused;
  audio.legs = packet.legs;
  audio.low = packet.low;
  audio.high = packet.high;
  audio.packets = packet.packets;
  std::string record;
  append_live_audio(audio, record);
  {
    const std::lock_guard lock(mutex_);
    EARFUL_CHECK(packet.legs == about_.legs && packet.position == edge_frame() * kFramePositions);
    for (size_t leg = 0; leg < size_t(packet.legs); ++leg) {
      peaks_.values.push_back(packet.low[leg]);
      peaks_.values.push_back(packet.high[leg]);
    }
    paused_.push_back(packet.paused);
    ring_.push_back(std::move(record));
    if (ring_.size() > kLiveRingFrames) ring_.pop_front();
  }
  wake_all();
}

void LiveFeed::note(const recorder::CallNote& note) {
  {
    const std::lock_guard lock(mutex_);
    notes_.push_back(note);
  }
  wake_all();
}

void LiveFeed::end(Position duration) {
  {
    const std::lock_guard lock(mutex_);
    ended_ = duration;
  }
  wake_all();
}

// Outside the mutex: a waker takes the HTTP server's own.
void LiveFeed::wake_all() {
  std::vector<HttpWaker> wakers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [reader, waker] : waiting_) wakers.push_back(waker);
  }
  for (const HttpWaker& waker : wakers) waker.wake();
}

Position LiveFeed::edge() const {
  const std::lock_guard lock(mutex_);
  return ended_.value_or(edge_frame() * kFramePositions);
}

bool LiveFeed::awaited() const {
  const std::lock_guard lock(mutex_);
  return !waiting_.empty();
}

recorder::Peaks LiveFeed::peaks() const {
  const std::lock_guard lock(mutex_);
  return peaks_;
}

std::vector<recorder::CallNote> LiveFeed::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

}  // namespace earful::agent
