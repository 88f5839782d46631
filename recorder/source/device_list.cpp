#include "recorder/source/device_list.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>

#include "recorder/source/capture_child.h"
#include "recorder/source/capture_process.h"

namespace earful::recorder {
namespace {

using namespace std::chrono_literals;

// Every device is opened once for each rate.
constexpr auto kListLimit = 20s;
constexpr auto kLook = 10ms;

Device device_of(const DeviceEntry& entry) {
  Device device{
      text_of(entry.name),  text_of(entry.host_api), entry.channels, entry.default_rate_hz, {},
      entry.is_default != 0};
  for (size_t i = 0; i < kAskedRatesHz.size(); ++i) {
    if ((entry.rates >> i & 1) != 0) device.rates_hz.push_back(kAskedRatesHz[i]);
  }
  return device;
}

}  // namespace

Result<std::vector<Device>> list_devices() {
  EARFUL_ASSIGN(const SharedMemory control, SharedMemory::make(sizeof(CaptureControl)));
  new (control.data()) CaptureControl;
  EARFUL_ASSIGN(CaptureProcess process,
                CaptureProcess::start({.task = CaptureTask::kList}, control));
  const CaptureMemory& shared = process.memory();
  const auto deadline = std::chrono::steady_clock::now() + kListLimit;
  while (shared.phase.load(std::memory_order_acquire) == CapturePhase::kOpening) {
    if (!process.runs() || std::chrono::steady_clock::now() > deadline) return process.error();
    std::this_thread::sleep_for(kLook);
  }
  if (shared.phase.load() != CapturePhase::kDone) return process.error();
  std::vector<Device> devices;
  const int count = std::clamp(int(shared.devices), 0, int(kMaxDevices));
  for (int i = 0; i < count; ++i) devices.push_back(device_of(shared.device_list[i]));
  return devices;
}

}  // namespace earful::recorder
