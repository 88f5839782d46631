// PortAudio as a capture child uses it: one stream of 16-bit samples into the shared ring, or a
// list of devices. One per process, on its main thread; nothing is ever closed in order, the
// process ends instead. Errors: E_DEVICE, one line that says what to do.
#pragma once

#include "base/result.h"
#include "recorder/source/capture_callback.h"
#include "recorder/source/capture_memory.h"
#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

class CapturePort {
 public:
  // As the request in the memory says. What it gave may differ in rate and have more channels.
  Result<PcmFormat> open(CaptureMemory& memory, const CaptureControl& control);
  bool active() const;

 private:
  Result<PcmFormat> open_device(const CaptureMemory& memory);
  PaError open_stream(const PaStreamParameters& input, int rate_hz);
  Result<PcmFormat> start();

  CaptureCallback callback_;
  PaStream* stream_ = nullptr;
};

Result<void> list_port_devices(CaptureMemory& memory);

}  // namespace earful::recorder
