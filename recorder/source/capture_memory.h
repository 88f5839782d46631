// What a capture child and the station share: the request, what became of it, and the ring of
// samples. Both sides are the same program, so the layout is the compiler's.
//
// The station makes the memory, writes the request and starts the child. The child writes its
// answer and then `phase`; nothing of it is read before. Texts from the child are cut at their
// field's end by whoever reads them. The memory cannot be shrunk, so a child that goes wrong cannot
// take the station with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "recorder/source/capture_ring.h"

namespace earful::recorder {

// The child finds them here.
inline constexpr int kCaptureMemoryFd = 3;
inline constexpr int kCaptureControlFd = 4;
inline constexpr int kCaptureLifelineFd = 5;

enum class CaptureTask : uint32_t { kCapture, kList };

// kOpening: the child is at work. kRunning: the stream goes. kDone: the list is there. kFailed:
// `code` and `error` say why.
enum class CapturePhase : uint32_t { kOpening, kRunning, kDone, kFailed };

inline constexpr size_t kMaxDevices = 64;
inline constexpr size_t kDeviceNameBytes = 256;

struct DeviceEntry {
  char name[kDeviceNameBytes] = {};
  char host_api[32] = {};
  int32_t channels = 0;  // it can record; 0: it only plays
  int32_t default_rate_hz = 0;
  uint32_t rates = 0;  // bit N: kAskedRatesHz[N]
  uint32_t is_default = 0;
};

struct CaptureMemory {
  // The station's.
  CaptureTask task = CaptureTask::kCapture;
  int32_t asked_rate_hz = 0;   // 0: 48 kHz if the device takes it
  int32_t asked_channels = 0;  // 0: one
  char device[kDeviceNameBytes] = {};

  // The child's.
  std::atomic<CapturePhase> phase = CapturePhase::kOpening;
  std::atomic<uint32_t> heartbeat = 0;  // moves while the child is not stuck
  int32_t rate_hz = 0;
  int32_t channels = 0;
  char code[16] = {};
  char error[512] = {};
  int32_t devices = 0;
  DeviceEntry device_list[kMaxDevices];

  CaptureRing ring;
};

// Lives as long as the source, through all its children.
struct CaptureControl {
  // Counts beginnings and ends of pauses: odd while there is one. So a pause between two callbacks
  // is noticed, too.
  std::atomic<uint32_t> pause_turns = 0;
};

template <size_t kBytes>
void put_text(char (&field)[kBytes], std::string_view text) {
  text = text.substr(0, kBytes - 1);
  field[text.copy(field, text.size())] = '\0';
}

template <size_t kBytes>
std::string text_of(const char (&field)[kBytes]) {
  const std::string_view all(field, kBytes);
  return std::string(all.substr(0, all.find('\0')));
}

// A stretch of memory behind a descriptor, mapped here. One owner.
class SharedMemory {
 public:
  static Result<SharedMemory> make(size_t bytes);
  static Result<SharedMemory> of(int fd, size_t bytes);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  int fd() const { return fd_; }
  void* data() const { return data_; }

 private:
  SharedMemory(int fd, void* data, size_t bytes) : fd_(fd), data_(data), bytes_(bytes) {}

  int fd_;
  void* data_;
  size_t bytes_;
};

}  // namespace earful::recorder
