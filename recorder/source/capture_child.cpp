#include "recorder/source/capture_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "recorder/source/capture_memory.h"
#include "recorder/source/capture_port.h"

namespace earful::recorder {
namespace {

using namespace std::chrono_literals;

constexpr int kWrongUse = 2;
constexpr auto kHeartbeat = 50ms;

// The kernel kills this process when the station's end of the lifeline closes, whatever either of
// them does at that time.
bool hang_on_lifeline() {
  char nothing = 0;
  return fcntl(kCaptureLifelineFd, F_SETOWN, getpid()) == 0 &&
         fcntl(kCaptureLifelineFd, F_SETSIG, SIGKILL) == 0 &&
         fcntl(kCaptureLifelineFd, F_SETFL, O_ASYNC | O_NONBLOCK) == 0 &&
         read(kCaptureLifelineFd, &nothing, 1) < 0;  // 0: it closed before we listened
}

bool has_size(int fd, size_t bytes) {
  struct stat info {};
  return fstat(fd, &info) == 0 && info.st_size == off_t(bytes);
}

void settle() {
  prctl(PR_SET_DUMPABLE, 0);  // a dump would hold what was said
  // A terminal or service manager may signal all of its processes; the station decides.
  for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(ignored, SIG_IGN);
  for (const int fd : {kCaptureMemoryFd, kCaptureControlFd, kCaptureLifelineFd}) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  setenv("JACK_NO_START_SERVER", "1", 1);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
}

int tell(CaptureMemory& memory, const Error& error) {
  put_text(memory.code, error.code);
  put_text(memory.error, error.message);
  memory.phase.store(CapturePhase::kFailed, std::memory_order_release);
  return 1;
}

int list(CaptureMemory& memory) {
  const Result<void> listed = list_port_devices(memory);
  if (!listed) return tell(memory, listed.error());
  memory.phase.store(CapturePhase::kDone, std::memory_order_release);
  return 0;
}

int capture(CaptureMemory& memory, const CaptureControl& control) {
  CapturePort port;
  const Result<PcmFormat> format = port.open(memory, control);
  if (!format) return tell(memory, format.error());
  memory.rate_hz = format->rate_hz;
  memory.channels = format->channels;
  memory.phase.store(CapturePhase::kRunning, std::memory_order_release);
  while (port.active()) {
    memory.heartbeat.fetch_add(1, std::memory_order_relaxed);
    std::this_thread::sleep_for(kHeartbeat);
  }
  return tell(memory, {"E_DEVICE", "capturing: the device stopped giving samples"});
}

}  // namespace

int run_capture_child() {
  if (!has_size(kCaptureMemoryFd, sizeof(CaptureMemory)) ||
      !has_size(kCaptureControlFd, sizeof(CaptureControl)) || !hang_on_lifeline()) {
    std::fprintf(stderr, "earful-agent: capture-child is for earful-agent itself to start\n");
    return kWrongUse;
  }
  settle();
  const auto shared = SharedMemory::of(kCaptureMemoryFd, sizeof(CaptureMemory));
  const auto control = SharedMemory::of(kCaptureControlFd, sizeof(CaptureControl));
  if (!shared || !control) return 1;
  auto& memory = *static_cast<CaptureMemory*>(shared->data());
  // Nothing is closed in order: a device that is gone could hold that up for ever.
  _exit(memory.task == CaptureTask::kList
            ? list(memory)
            : capture(memory, *static_cast<const CaptureControl*>(control->data())));
}

}  // namespace earful::recorder
