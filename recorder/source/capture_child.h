// What runs in a capture child (capture_process.h): PortAudio, and nothing else of ours. Opens the
// device of the request in the shared memory, or lists the devices there are, and says there what
// became of it. Main thread of a process of its own; PortAudio's callback runs on a thread of
// PortAudio's (capture_callback.h). What ALSA, JACK and others print is kept from the terminal.
//
// A rate the device does not take is no error: it is opened at the next one it does, and the blocks
// say so. Errors, in the shared memory: E_DEVICE, one line.
#pragma once

#include <array>

namespace earful::recorder {

// What a device is asked for when it is listed, and tried with when it does not take what was
// wanted.
inline constexpr std::array<int, 10> kAskedRatesHz = {8000,  11025, 12000, 16000, 22050,
                                                      24000, 32000, 44100, 48000, 96000};

// The exit status, which matters to no one: never returns while the device gives samples.
int run_capture_child();

}  // namespace earful::recorder
