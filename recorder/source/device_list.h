// The sound devices there are. A capture child asks PortAudio (capture_process.h), so a device that
// hangs costs some seconds and an error line. Any thread, blocking. Errors: E_DEVICE.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace earful::recorder {

struct Device {
  std::string name;
  std::string host_api;
  int channels = 0;  // it can record; 0: it only plays
  int default_rate_hz = 0;
  std::vector<int> rates_hz;  // of the usual ones, those it takes
  bool is_default = false;
};

Result<std::vector<Device>> list_devices();

}  // namespace earful::recorder
