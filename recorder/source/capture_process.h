// The station's end of a capture child: a process of its own in which PortAudio runs, because its
// list of devices is frozen at its start, an unplugged device can hang it for ever, and it costs
// 22 MB. The child is this program, started anew with the hidden command `capture-child` (a server
// with threads must not fork); it gets no argument, its request is in the shared memory.
//
// One owner, one thread. The child's life hangs on a pipe: when its other end closes, on any death
// of the station, the kernel kills the child, stopped or stuck as it may be. (A death signal would
// hang on the thread that started it.) The destructor kills; a child that the kernel cannot end at
// once is left to it. Errors: E_DEVICE.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "recorder/source/capture_memory.h"

namespace earful::recorder {

struct CaptureRequest {
  CaptureTask task = CaptureTask::kCapture;
  std::string device;
  int rate_hz = 0;
  int channels = 0;
};

class CaptureProcess {
 public:
  // control: lives longer than this.
  static Result<CaptureProcess> start(const CaptureRequest& request, const SharedMemory& control);

  CaptureProcess(CaptureProcess&& other) noexcept;
  CaptureProcess& operator=(CaptureProcess&&) = delete;
  ~CaptureProcess();

  CaptureMemory& memory() const { return *static_cast<CaptureMemory*>(memory_.data()); }
  pid_t pid() const { return child_; }
  // Whether it has not ended yet.
  bool runs();
  // What the child said went wrong, or how it ended.
  Error error();

 private:
  CaptureProcess(SharedMemory memory, pid_t child, int lifeline)
      : memory_(std::move(memory)), child_(child), lifeline_(lifeline) {}

  SharedMemory memory_;
  pid_t child_;   // -1: ended and reaped
  int lifeline_;  // the end whose closing kills
  int status_ = 0;
};

}  // namespace earful::recorder
