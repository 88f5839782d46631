#include "recorder/source/capture_port.h"

#include <alsa/asoundlib.h>
#include <pa_linux_alsa.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/config_value.h"
#include "recorder/source/capture_child.h"
#include "recorder/source/capture_list.h"

namespace earful::recorder {
namespace {

// What the host may hold back: short for whoever listens live, long enough that a busy machine
// loses nothing.
constexpr double kLatencySeconds = 0.1;
constexpr size_t kMaxNamed = 8;

// ALSA tells why only through a handler without a context. Written on the main thread while
// nothing else runs.
char alsa_said[256];

void hear_alsa(const char* /*file*/, int /*line*/, const char* /*function*/, int /*error*/,
               const char* format, ...) {
  va_list values;
  va_start(values, format);
  std::vsnprintf(alsa_said, sizeof alsa_said, format, values);
  va_end(values);
  alsa_said[std::strcspn(alsa_said, "\r\n")] = '\0';
}

void hear_nothing(const char*, int, const char*, int, const char*, ...) {}

Result<void> initialize(CaptureList list) {
  snd_lib_error_set_handler(hear_alsa);
  const PaError fault = start_portaudio(list);
  if (fault == paNoError) return {};
  return Error{"E_DEVICE", std::string("starting PortAudio: ") + Pa_GetErrorText(fault) +
                               "; see that the sound system is installed"};
}

std::string why(PaError fault) {
  if (alsa_said[0] != '\0') return alsa_said;
  if (fault == paUnanticipatedHostError) return Pa_GetLastHostErrorInfo()->errorText;
  return Pa_GetErrorText(fault);
}

Error refused(const std::string& device, const std::string& reason) {
  return {"E_DEVICE", "opening the device \"" + device + "\": " + reason};
}

std::vector<std::string> recording_devices() {
  std::vector<std::string> names;
  for (PaDeviceIndex at = 0; at < Pa_GetDeviceCount(); ++at) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(at);
    if (info->maxInputChannels > 0) names.emplace_back(info->name);
  }
  return names;
}

// The nearest names first, then the others.
Error absent(const std::string& device) {
  std::vector<std::string> names = recording_devices();
  if (names.empty()) {
    return refused(device,
                   "there is no device that records; see that the sound server runs and the "
                   "device is plugged in");
  }
  std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edit_distance(device, a) < edit_distance(device, b);
  });
  std::string near;
  for (size_t i = 0; i < std::min(names.size(), kMaxNamed); ++i) {
    near += (i > 0 ? ", \"" : "\"") + names[i] + '"';
  }
  return refused(device, "there is none of that name; nearest are " + near);
}

PaDeviceIndex find(const std::string& name) {
  for (PaDeviceIndex at = 0; at < Pa_GetDeviceCount(); ++at) {
    if (name == Pa_GetDeviceInfo(at)->name) return at;
  }
  return paNoDevice;
}

std::vector<int> rates_to_try(int asked, int preferred) {
  std::vector<int> rates;
  if (asked > 0) rates.push_back(asked);
  // PortAudio calls 44.1 kHz the preferred rate of all that take it; a call is coded at 48.
  rates.push_back(48000);
  if (preferred >= kMinRateHz && preferred <= kMaxRateHz) rates.push_back(preferred);
  for (const int rate : {44100, 32000, 16000, 8000}) rates.push_back(rate);
  return rates;
}

uint32_t accepted_rates(PaDeviceIndex at) {
  const PaStreamParameters input{at, 1, paInt16, kLatencySeconds, nullptr};
  uint32_t accepted = 0;
  for (size_t i = 0; i < kAskedRatesHz.size(); ++i) {
    if (Pa_IsFormatSupported(&input, nullptr, kAskedRatesHz[i]) == paFormatIsSupported) {
      accepted |= 1u << i;
    }
  }
  return accepted;
}

}  // namespace

Result<PcmFormat> CapturePort::open(CaptureMemory& memory, const CaptureControl& control) {
  const std::string device = text_of(memory.device);
  const int asked_rate = memory.asked_rate_hz;
  if (asked_rate != 0 && (asked_rate < kMinRateHz || asked_rate > kMaxRateHz)) {
    return refused(device, "a rate of " + std::to_string(asked_rate) + " Hz; it may be " +
                               std::to_string(kMinRateHz) + " to " + std::to_string(kMaxRateHz) +
                               ", or 0 for the device's own");
  }
  callback_.ring = &memory.ring;
  callback_.pause_turns = &control.pause_turns;
  EARFUL_TRY(initialize(CaptureList::kCards));
  if (Result<PcmFormat> format = open_device(memory); format) return format;
  // The whole list knows more rates and channels to try, and what to say.
  Pa_Terminate();
  EARFUL_TRY(initialize(CaptureList::kAll));
  return open_device(memory);
}

Result<PcmFormat> CapturePort::open_device(const CaptureMemory& memory) {
  const std::string device = text_of(memory.device);
  const int asked_rate = memory.asked_rate_hz;
  const PaDeviceIndex listed = find(device);
  PaAlsaStreamInfo by_name;
  PaAlsa_InitializeStreamInfo(&by_name);
  by_name.deviceString = device.c_str();
  PaStreamParameters input{listed, 0, paInt16, kLatencySeconds, nullptr};
  int preferred = 0, most_channels = kMaxChannels;
  if (listed == paNoDevice) {
    input.device = paUseHostApiSpecificDeviceSpecification;
    input.hostApiSpecificStreamInfo = &by_name;
  } else {
    preferred = int(std::lround(Pa_GetDeviceInfo(listed)->defaultSampleRate));
    most_channels = Pa_GetDeviceInfo(listed)->maxInputChannels;
  }
  const int least_channels = std::max(memory.asked_channels, 1);
  if (most_channels < 1) return refused(device, "it has no input channels, it only plays");
  if (most_channels < least_channels) {
    return refused(device,
                   "it has one channel and a call of two legs needs two; name a device for "
                   "each leg");
  }

  PaError fault = paNoError;
  alsa_said[0] = '\0';
  for (int channels = least_channels; channels <= std::min(most_channels, kMaxChannels);
       ++channels) {
    input.channelCount = channels;
    for (const int rate : rates_to_try(asked_rate, preferred)) {
      callback_.format = {rate, channels};
      fault = open_stream(input, rate);
      if (fault == paNoError) return start();
      if (fault != paInvalidSampleRate) break;
    }
    if (fault != paInvalidChannelCount) break;
  }
  if (fault == paInvalidSampleRate) {
    return refused(device, "it takes none of the rates a call can have");
  }
  if (listed == paNoDevice &&
      std::string_view(alsa_said).find("Unknown PCM") != std::string::npos) {
    return absent(device);
  }
  return refused(device, why(fault) + "; see that it is plugged in and the sound server runs");
}

PaError CapturePort::open_stream(const PaStreamParameters& input, int rate_hz) {
  const PaError fault =
      Pa_OpenStream(&stream_, &input, nullptr, rate_hz, paFramesPerBufferUnspecified, paNoFlag,
                    on_capture, &callback_);
  return fault;
}

Result<PcmFormat> CapturePort::start() {
  const PaStreamInfo* info = Pa_GetStreamInfo(stream_);
  callback_.format.rate_hz = int(std::lround(info->sampleRate));
  callback_.latency_frames = uint32_t(std::lround(info->inputLatency * info->sampleRate));
  // A pause may end between the start and the first callback.
  callback_.seen_turns = callback_.pause_turns->load(std::memory_order_acquire);
  snd_lib_error_set_handler(hear_nothing);  // from here on other threads call it
  const PaError fault = Pa_StartStream(stream_);
  if (fault == paNoError) return callback_.format;
  return Error{"E_DEVICE", "starting the device: " + why(fault) +
                               "; see that no other program keeps it for itself"};
}

bool CapturePort::active() const { return Pa_IsStreamActive(stream_) == 1; }

Result<void> list_port_devices(CaptureMemory& memory) {
  EARFUL_TRY(initialize(CaptureList::kAll));
  const PaDeviceIndex preferred = Pa_GetDefaultInputDevice();
  int32_t count = 0;
  for (PaDeviceIndex at = 0; at < Pa_GetDeviceCount() && size_t(count) < kMaxDevices; ++at) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(at);
    DeviceEntry& entry = memory.device_list[count++];
    put_text(entry.name, info->name);
    put_text(entry.host_api, Pa_GetHostApiInfo(info->hostApi)->name);
    entry.channels = std::max(info->maxInputChannels, 0);
    entry.default_rate_hz = int32_t(std::lround(info->defaultSampleRate));
    entry.is_default = at == preferred ? 1 : 0;
    if (entry.channels > 0) entry.rates = accepted_rates(at);
  }
  memory.devices = count;
  return {};
}

}  // namespace earful::recorder
