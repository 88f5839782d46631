// One call while it goes on: reads its sources, keeps them on one time axis (frame/timeline.h),
// encodes, and writes the live file, peaks, notes and measures (library/live_file.h). One thread of
// its own per call; what happens is told to a LiveSink on that thread. start() and stop() wait for
// the disk, pause() and resume() for nothing.
//
// A call goes on through everything that may come back. What ends it: stop(), the end of all its
// sources, and a disk that takes no more; after the latter two it still wants its stop().
//
// Errors of start(): E_LEGS (the sources bring more or fewer than one or two legs), E_DISK_FULL,
// E_DISK, E_ENCODER, those of Library.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "recorder/codec/leg_encoder.h"
#include "recorder/library/call_notes.h"
#include "recorder/library/library.h"
#include "recorder/source/live_source.h"

namespace earful::recorder {

// What is known once a call has begun.
struct LiveStart {
  CallId call;
  int legs = 1;
  int sample_rate_hz = 8000;   // coded
  int pre_skip_48k = 0;        // by how much a decoder lags
  std::filesystem::path file;  // whole Ogg pages are appended to it until the call is kept
};

struct LivePacket {
  Position position = 0;  // of the frame that was encoded: 0, 960, 1920, ...
  int legs = 1;
  bool paused = false;
  std::array<std::string_view, 2> packets;  // valid during the call
  std::array<int8_t, 2> low{}, high{};      // as in codec/peaks.h
};

// Told on the call's thread, which must not be held up.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  // On the thread of start(), before anything else.
  virtual void begun(const LiveStart& start) = 0;
  virtual void packet(const LivePacket& packet) = 0;
  virtual void note(const CallNote& note) = 0;
  // Nothing more is kept: one clear line. Comes once at most.
  virtual void failed(const Error& error) = 0;
  // Every source has come to its end.
  virtual void ended() = 0;
  // Whether somebody waits for packets now; otherwise a few are made at a time, which costs less.
  virtual bool awaited() const = 0;
};

struct LiveTrack {
  static constexpr int kBothLegs = -1;

  std::unique_ptr<LiveSource> source;
  int leg =
      kBothLegs;  // 0 agent, 1 customer; both: a channel each, or the one leg of a mono source
  bool swapped = false;  // of both: the first channel is the customer
};

class LiveCall {
 public:
  struct Options {
    std::filesystem::path library_dir;
    Call call;  // id, snapshot, names and what else is known at the start
    std::vector<LiveTrack> tracks;
    EncoderSettings encoder;
  };

  // The sink outlives the call.
  static Result<std::unique_ptr<LiveCall>> start(Options options, LiveSink& sink);
  ~LiveCall();  // as stop()
  LiveCall(const LiveCall&) = delete;
  LiveCall& operator=(const LiveCall&) = delete;

  // Any thread.
  void pause();
  void resume();
  Position position() const;

  // The call as it is kept now; once.
  Result<Call> stop();

 private:
  class Impl;
  explicit LiveCall(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace earful::recorder
