// One capture: a place that is recorded, and the call that goes on there, if any. Its thread owns
// the call and takes letters in order (start, stop, pause, resume, the call's own troubles);
// answers are given on that thread and must not block. view() and feed() are for any thread.
//
//   idle ── start ──► starting ──► recording ◄── pause, resume ──► paused
//     ▲                  │             │ stop, the source's end, a full disk
//     └──────────────────┴─────────────┘     (or failed, until the next start)
//
// Pausing is silence from the next block of the device on; it ends by itself after the limit, so
// that a pause nobody ends does not eat the call.
//
// Errors: E_STARTED, E_NOT_STARTED, E_DEVICE, E_DISK_FULL, and those of the library.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agent/journal/scribe.h"
#include "agent/live/capture_profile.h"
#include "agent/live/live_feed.h"
#include "agent/live/recording_room.h"
#include "base/clock.h"
#include "base/result.h"
#include "recorder/capture/live_call.h"

namespace earful::agent {

// A telephone system that has gone mad must not fill the memory.
inline constexpr size_t kMaxCaptureLetters = 256;

struct CaptureCounters {  // any thread
  std::atomic<uint64_t> started{0};
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> gaps{0};
  std::atomic<uint64_t> own_gaps{0};  // of these, what was lost by our own fault
};

enum class CaptureState { kIdle, kStarting, kRecording, kPaused, kFailed };
std::string_view name_of(CaptureState state);

struct CaptureView {
  std::string name;
  CaptureState state = CaptureState::kIdle;
  std::optional<CallId> call;
  Position position = 0;
  int legs = 0;
  std::string message;  // why it failed, or what ended by itself; "" for nothing
  std::optional<WallTime> paused_until;
};
std::string capture_json(const CaptureView& view);

struct CapturePlace {
  CallId call;
  Position position = 0;  // where it stands, or how long it was
};

class Capture : private recorder::LiveSink {
 public:
  using Answer = std::function<void(Result<CapturePlace>)>;

  Capture(CaptureProfile profile, std::filesystem::path library_dir, NoticeSink notify,
          RecordingRoom& room, CaptureCounters& counters);
  ~Capture() override;  // as stop()
  // The thread ends the call and takes no more letters; the destructor waits for it.
  void end();

  const std::string& name() const { return profile_.name; }
  // Any thread. facts: JSON as in a recording's sidecar, "" for none.
  void start(std::string facts, Answer answer);
  void stop(Answer answer);
  void pause(std::optional<std::chrono::milliseconds> limit, Answer answer);
  void resume(Answer answer);
  // The call that goes on ends, as failed, unless there is room again by then.
  void end_for_want_of_room();

  CaptureView view() const;
  std::shared_ptr<LiveFeed> feed() const;  // of the call that goes on

 private:
  struct Letter {
    std::function<void(Answer)> act;
    Answer answer;
  };
  // Any thread.
  void post(Letter letter);
  bool ending() const;
  void tell(std::string_view type, std::string data) { notify_({std::string(type), data}); }
  // The call's thread. `act` comes in its turn, if the call is still the one that goes on.
  void post_over(std::function<void()> act);
  void begun(const recorder::LiveStart& start) override;
  void packet(const recorder::LivePacket& packet) override;
  void note(const recorder::CallNote& note) override;
  void failed(const Error& error) override;
  void ended() override;
  bool awaited() const override;
  // Its own thread.
  void run();
  void do_start(const std::string& facts, const Answer& answer);
  Result<std::unique_ptr<recorder::LiveCall>> begin(const std::string& facts);
  void do_pause(std::chrono::milliseconds limit, const Answer& answer);
  void do_resume(const Answer& answer);
  void fail(const Error& error);
  Result<CapturePlace> finish(CaptureState after, const std::string& message);
  void show(CaptureState state, const std::string& message);

  const CaptureProfile profile_;
  const std::filesystem::path library_dir_;
  const NoticeSink notify_;
  RecordingRoom& room_;
  CaptureCounters& counters_;

  std::unique_ptr<recorder::LiveCall> call_;  // its own thread's
  std::optional<SteadyTime> pause_ends_;      // its own thread's

  mutable std::mutex mutex_;  // guards the queue of letters, and what view() shows
  std::condition_variable arrived_;
  std::deque<Letter> letters_;
  bool ending_ = false;
  CaptureView shown_;
  std::shared_ptr<LiveFeed> feed_;
  std::thread thread_;
};

}  // namespace earful::agent
