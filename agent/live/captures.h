// Every capture of this station by name, and every call that goes on. Made at the start and never
// changed afterwards, so that any thread may look here; each capture has a thread of its own
// (capture.h). The library's folder must be repaired before (recorder/library/repair.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/journal/scribe.h"
#include "agent/live/capture.h"
#include "agent/live/capture_profile.h"
#include "agent/live/followed_calls.h"
#include "agent/live/live_feed.h"
#include "base/ids.h"
#include "base/result.h"

namespace earful::agent {

class Captures {
 public:
  struct Options {
    std::filesystem::path library_dir;
    std::vector<CaptureProfile> profiles;
    NoticeSink notify;    // "captures", "note", "calls", "alarm"
    RecordingRoom* room;  // outlives the captures
  };
  explicit Captures(Options options);
  ~Captures();  // ends the calls that go on, each as if somebody had stopped it

  // The disk is nearly full: the calls that go on end while there is room to finish them.
  void end_for_want_of_room() const;

  // E_NO_CAPTURE, naming the nearest.
  Result<Capture*> find(const std::string& name) const;
  std::vector<CaptureView> views() const;  // in the order of the settings
  // Nothing for a call that does not go on, or that another program has only just begun.
  std::shared_ptr<LiveFeed> live(const CallId& call) const;

  const CaptureCounters& counters() const { return counters_; }

 private:
  std::vector<std::unique_ptr<Capture>> make_captures();
  std::shared_ptr<LiveFeed> own(const CallId& call) const;

  const Options options_;
  CaptureCounters counters_;
  std::vector<std::unique_ptr<Capture>> captures_;
  FollowedCalls followed_;  // last: its thread looks at the captures
};

}  // namespace earful::agent
