// The audio callback, alone in its file: no allocation, no lock, no log, no system call (the clock
// is read through the vDSO), no exception. It copies what came into the ring, counts what found no
// room, and keeps what the host's flags say was lost.
//
// Runs on PortAudio's thread in a capture child. A pause takes hold with the very next callback.
// At its end, also of one too short for any callback to fall into, the callback goes on with
// silence until everything that was said in the pause has left the host's buffers: the stream is
// never stopped, the callback that goes on drains it.
#pragma once

#include <portaudio.h>

#include <atomic>
#include <cstdint>

#include "recorder/source/capture_ring.h"
#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

struct CaptureCallback {
  CaptureRing* ring = nullptr;
  const std::atomic<uint32_t>* pause_turns = nullptr;  // odd in a pause; another process counts
  PcmFormat format;
  uint32_t latency_frames = 0;  // the least that stays silent after a pause

  // The callback's own.
  uint32_t lost = 0;        // samples per channel that found the ring full since the last slot
  bool overflowed = false;  // the host lost some since the last slot
  uint32_t seen_turns = 0;
  bool tells_age_of_last = false;  // the host does, instead of the first sample's
  uint64_t still_silent = 0;       // samples per channel to silence after a pause
};

// A PaStreamCallback; `context` is a CaptureCallback.
int on_capture(const void* input, void* output, unsigned long frames,
               const PaStreamCallbackTimeInfo* times, PaStreamCallbackFlags flags, void* context);

}  // namespace earful::recorder
