// What capturing costs when there is nothing else: PortAudio's callback counts the samples of one
// device and throws them away. For tests/bench/live.
//
//   bare_capture DEVICE RATE CHANNELS      until it is killed

#include <pa_linux_alsa.h>
#include <portaudio.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr double kLatencySeconds = 0.1;  // as the recorder asks for
constexpr long kLookMs = 1000;

std::atomic<unsigned long> captured = 0;

int count(const void*, void*, unsigned long frames, const PaStreamCallbackTimeInfo*,
          PaStreamCallbackFlags, void*) {
  captured += frames;
  return paContinue;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  if (Pa_Initialize() != paNoError) return 1;
  PaAlsaStreamInfo by_name;
  PaAlsa_InitializeStreamInfo(&by_name);
  by_name.deviceString = argv[1];
  const PaStreamParameters input{paUseHostApiSpecificDeviceSpecification, std::atoi(argv[3]),
                                 paInt16, kLatencySeconds, &by_name};
  PaStream* stream = nullptr;
  const PaError fault = Pa_OpenStream(&stream, &input, nullptr, std::atoi(argv[2]),
                                      paFramesPerBufferUnspecified, paNoFlag, count, nullptr);
  if (fault != paNoError || Pa_StartStream(stream) != paNoError) {
    std::fprintf(stderr, "bare_capture: %s: %s\n", argv[1], Pa_GetErrorText(fault));
    return 1;
  }
  while (Pa_IsStreamActive(stream) == 1) {
    Pa_Sleep(kLookMs);
    std::printf("%lu\n", captured.load());
    std::fflush(stdout);
  }
  return 1;
}
