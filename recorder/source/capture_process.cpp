#include "recorder/source/capture_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>
#include <utility>

namespace earful::recorder {
namespace {

using namespace std::chrono_literals;

// A killed process is gone within this, unless a driver holds it in the kernel.
constexpr auto kDeathLimit = 1s;
constexpr auto kDeathLook = 1ms;

Error failed(const std::string& what, int number) {
  return {"E_DEVICE", "starting a capture process: " + what + ": " + std::strerror(number)};
}

// Below this descriptors could be in each other's way while they are moved to their places.
int above_places(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, kCaptureLifelineFd + 1); }

Result<pid_t> spawn(int memory, int control, int lifeline) {
  const std::array<std::pair<int, int>, 3> places = {
      {{above_places(memory), kCaptureMemoryFd},
       {above_places(control), kCaptureControlFd},
       {above_places(lifeline), kCaptureLifelineFd}}};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  for (const auto& [from, to] : places) posix_spawn_file_actions_adddup2(&actions, from, to);
  // The threads of a server block signals; a terminal's Ctrl-C is for the station alone.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);

  char program[] = "earful-agent", command[] = "capture-child";
  char* const arguments[] = {program, command, nullptr};
  pid_t child = -1;
  const int fault =
      posix_spawn(&child, "/proc/self/exe", &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  for (const auto& [from, to] : places) close(from);
  if (fault != 0) return failed("posix_spawn", fault);
  return child;
}

}  // namespace

Result<CaptureProcess> CaptureProcess::start(const CaptureRequest& request,
                                             const SharedMemory& control) {
  if (request.device.size() >= kDeviceNameBytes) {
    return Error{"E_DEVICE", "opening a device: its name is longer than " +
                                 std::to_string(kDeviceNameBytes - 1) +
                                 " bytes; earful-agent devices prints the names there are"};
  }
  EARFUL_ASSIGN(SharedMemory memory, SharedMemory::make(sizeof(CaptureMemory)));
  auto* shared = new (memory.data()) CaptureMemory;
  shared->task = request.task;
  shared->asked_rate_hz = request.rate_hz;
  shared->asked_channels = request.channels;
  put_text(shared->device, request.device);

  int lifeline[2];
  if (pipe2(lifeline, O_CLOEXEC) != 0) return failed("pipe", errno);
  const Result<pid_t> child = spawn(memory.fd(), control.fd(), lifeline[0]);
  close(lifeline[0]);
  if (!child) {
    close(lifeline[1]);
    return child.error();
  }
  return CaptureProcess(std::move(memory), *child, lifeline[1]);
}

CaptureProcess::CaptureProcess(CaptureProcess&& other) noexcept
    : memory_(std::move(other.memory_)),
      child_(std::exchange(other.child_, -1)),
      lifeline_(std::exchange(other.lifeline_, -1)),
      status_(other.status_) {}

CaptureProcess::~CaptureProcess() {
  if (lifeline_ >= 0) close(lifeline_);
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  const auto limit = std::chrono::steady_clock::now() + kDeathLimit;
  while (runs() && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(kDeathLook);
  }
}

bool CaptureProcess::runs() {
  if (child_ < 0) return false;
  pid_t done = waitpid(child_, &status_, WNOHANG);
  if (done == 0 || (done < 0 && errno == EINTR)) return true;
  child_ = -1;
  return false;
}

Error CaptureProcess::error() {
  const CaptureMemory& shared = memory();
  if (shared.phase.load(std::memory_order_acquire) == CapturePhase::kFailed) {
    return {text_of(shared.code), text_of(shared.error)};
  }
  std::string how = "does not answer";
  if (!runs()) {
    how = WIFSIGNALED(status_) ? "stopped with signal " + std::to_string(WTERMSIG(status_))
                               : "ended with status " + std::to_string(WEXITSTATUS(status_));
  }
  const std::string device = text_of(shared.device);
  return {"E_DEVICE", (device.empty() ? "listing the devices" : "opening \"" + device + "\"") +
                          std::string(": the process that asks PortAudio ") + how +
                          "; see that the sound server runs"};
}

}  // namespace earful::recorder
