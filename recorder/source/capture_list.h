// Starts PortAudio in a capture child. Its list of devices is made by opening every one there is:
// with Debian's plugins for ALSA that brings libavcodec and a hundred other libraries into the
// process, 10 MB of its own, for a device that is opened by its name anyway.
//
// Once per process or after Pa_Terminate(), while no other thread runs. Errors: those of
// Pa_Initialize().
#pragma once

#include <portaudio.h>

namespace earful::recorder {

enum class CaptureList {
  kAll,
  kCards,  // without what ALSA's configuration defines; by name these open as ever
};

PaError start_portaudio(CaptureList list);

}  // namespace earful::recorder
