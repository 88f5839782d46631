// How the inboxes stand, for the API and the page. Plain values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/inbox/inbox_memory.h"

namespace earful::agent {

// The newest; whoever has more to mend sees the next ones when these are done.
inline constexpr size_t kMaxRefusedShown = 100;

struct InboxStatus {
  enum class State {
    kWatching,  // nothing to do
    kTaking,    // recordings wait or are being imported
    kMissing,   // the folder is not there, or may not be read; message says
    kTrouble,   // nothing can be imported for now; message says why
  };
  std::string path;
  State state = State::kMissing;
  std::string message;
  uint64_t waiting = 0, taken = 0, refused_count = 0;
  std::vector<RefusedFile> refused;  // newest first
};

struct InboxCounters {
  uint64_t taken = 0, refused = 0, scans = 0, workers_died = 0;  // since the start
  uint64_t waiting = 0;
};

// {"inboxes":[...]} of docs/api.md; without the refused files where a change is told.
std::string inboxes_json(std::span<const InboxStatus> inboxes, bool with_refused);

}  // namespace earful::agent
