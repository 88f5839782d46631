// A sound device as a live source. A capture child per device brings its samples
// (capture_process.h); this end reads the ring, watches, and replaces the child when nothing comes:
// at once, then after 0.2 s, 0.4 s … 5 s, until the device is back, at another rate if need be. The
// call goes on meanwhile; the first block afterwards says what kind of gap lies before it.
//
// One thread reads and so does all the work, in read(); pause() and now() from any thread. Owned by
// whoever reads it. Blocks have the channels that were asked for.
// Errors, of opening only: E_DEVICE.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/source/capture_process.h"
#include "recorder/source/live_source.h"

namespace earful::recorder {

struct DeviceRequest {
  std::string name;  // PortAudio's, or any ALSA name
  int rate_hz = 0;   // 0: 48 kHz if the device takes it, else as it prefers
  int channels = 0;  // 0: one
};

class DeviceSource : public LiveSource {
 public:
  // Waits until the device gives its format, or some seconds have passed.
  static Result<std::unique_ptr<DeviceSource>> open(const DeviceRequest& request);

  PcmFormat format() const override { return format_; }
  Result<LiveBlock> read(std::chrono::milliseconds wait) override;
  void gather(bool on) override { gather_ = on; }
  void pause(bool on) override;
  CaptureTime now() const override;

  // The capture child, for tests that do it harm; -1 while there is none.
  pid_t child() const { return process_ ? process_->pid() : -1; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  DeviceSource(DeviceRequest request, SharedMemory control)
      : request_(std::move(request)), control_(std::move(control)) {}

  Result<void> start();
  bool adopt();
  void look();
  void watch(std::chrono::nanoseconds since);
  void lose(GapCause cause);
  std::optional<LiveBlock> next_block();
  LiveBlock block_of(const CaptureSlot& slot);

  DeviceRequest request_;
  SharedMemory control_;  // outlives every child
  std::optional<CaptureProcess> process_;
  PcmFormat format_;  // as blocks have it

  // The child there is.
  int opened_channels_ = 0;  // 0: not open yet
  Time deadline_;            // by when it must be open, then have brought its first samples
  bool brought_ = false;
  bool flows_ = false;                  // the last look found something
  std::chrono::nanoseconds silence_{};  // how long it was seen to bring nothing
  uint32_t heartbeat_ = 0;
  std::chrono::nanoseconds stuck_{};  // how long its heartbeat was seen to stand still

  // Between children.
  Time retry_at_;
  std::chrono::milliseconds retry_after_{};
  std::optional<GapCause> lost_;  // why samples are missing before the next block

  bool gather_ = false;
  Time looked_;
  std::chrono::nanoseconds slept_{};  // what the machine slept since it was started
  bool asleep_ = false;               // it did, and the block after that has not come
  CaptureTime end_{};                 // of the last block
  std::vector<int16_t> samples_;
};

Result<std::unique_ptr<LiveSource>> open_device_source(const DeviceRequest& request);

}  // namespace earful::recorder
