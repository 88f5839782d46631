// Every call that another program of this machine records into our library, so that it can be heard
// and tagged here while it goes on. One thread of its own, with a connection to the library: looks
// for such calls, follows each (followed_call.h), and repairs one whose recorder has died. live()
// is for any thread. The library's folder must be there.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agent/journal/scribe.h"
#include "agent/live/followed_call.h"
#include "agent/live/live_feed.h"
#include "base/ids.h"

namespace earful::agent {

class FollowedCalls {
 public:
  struct Options {
    std::filesystem::path library_dir;
    NoticeSink notify;                       // "calls", "note"
    std::function<bool(const CallId&)> own;  // we record it ourselves; any thread
  };
  explicit FollowedCalls(Options options);
  ~FollowedCalls();

  // Nothing for a call that no other program records, or that is not read to its edge yet.
  std::shared_ptr<LiveFeed> live(const CallId& call) const;

 private:
  struct Followed {
    std::unique_ptr<FollowedCall> call;
    bool shown = false;
    bool given_up = false;  // a repair was tried since it last grew
  };

  void run();
  Result<void> look(recorder::Library& library);
  void end(recorder::Library& library, const CallId& id, FollowedCall& call);
  void follow(recorder::Library& library, const CallId& id, Followed& followed);

  const Options options_;
  std::map<CallId, Followed> calls_;  // its own thread's
  bool settled_ = false;              // its own thread's: every call there is, is followed
  mutable std::mutex mutex_;          // guards what live() shows, and the end
  std::condition_variable wake_;
  std::vector<std::shared_ptr<LiveFeed>> shown_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace earful::agent
