// One call while it goes on, for everybody who listens: the newest packets, the waveform and the
// notes so far. The call's thread fills it and never waits; any number of readers empty it
// (live_reader.h), each at its own pace.
//
//   file  ├────────────────────────────────┤            whole pages, read from the disk
//   ring                          ├────────────────┤    the last two seconds, in memory
//                                                  └─ edge
//
// The ring overlaps the file, so a reader that comes from the past goes over without a seam. A
// reader that falls out of the ring is moved to the edge and told what it missed: memory is bounded
// whoever stalls, and the call does not notice. Every member may be called from any thread; the
// mutex is held for a copy of at most the ring.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/ids.h"
#include "recorder/capture/live_call.h"
#include "recorder/codec/peaks.h"
#include "recorder/library/call_notes.h"

namespace earful::agent {

// Two seconds of frames: more than the held packet and the unfinished page of the file together.
inline constexpr size_t kLiveRingFrames = 100;

struct LiveAbout {
  CallId call;
  int legs = 1;
  int sample_rate_hz = 8000;
  int pre_skip_48k = 0;        // of a decoder that begins anywhere in the call
  std::filesystem::path file;  // Ogg pages, growing
};

class LiveFeed {
 public:
  explicit LiveFeed(LiveAbout about) : about_(std::move(about)) { peaks_.legs = about_.legs; }

  // The call's thread.
  void packet(const recorder::LivePacket& packet);
  void note(const recorder::CallNote& note);
  void end(Position duration);

  const LiveAbout& about() const { return about_; }
  Position edge() const;  // how long the call is now
  bool awaited() const;   // it has a reader
  recorder::Peaks peaks() const;
  std::vector<recorder::CallNote> notes() const;

 private:
  friend class LiveReader;
  void wake_all();
  // Under the mutex.
  int64_t edge_frame() const { return int64_t(paused_.size()); }
  int64_t oldest_frame() const { return edge_frame() - int64_t(ring_.size()); }

  const LiveAbout about_;
  mutable std::mutex mutex_;      // no queue: each reader takes the same packets at its own pace
  std::deque<std::string> ring_;  // records, the newest last
  recorder::Peaks peaks_;
  std::vector<bool> paused_;  // by frame
  std::vector<recorder::CallNote> notes_;
  std::optional<Position> ended_;
  std::vector<std::pair<const void*, HttpWaker>> waiting_;  // one per reader
};

}  // namespace earful::agent
