// Where the sound of a call comes from while the call goes on: a device, a tone, or a file played
// as if live. Each block says when its last sample was taken and what is missing just before it, so
// that whoever reads can keep the call's time right.
//
// One thread reads; pause() and now() may be called from any thread. A source waits in read() and
// nowhere else, has no thread of its own, and goes on through everything that may come back: a
// device that was pulled is a gap, not an error. Samples are interleaved, 16 bits.
// Errors of read(): those that end the source for good (E_DISK reading a file).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

// On the source's reference clock: CLOCK_BOOTTIME for devices, so that a machine's sleep shows, and
// a clock of their own speed for played files and tones. The sources of one call share a clock.
using CaptureTime = std::chrono::nanoseconds;

enum class GapCause {
  kOverflow,    // we, or this machine, did not take the samples in time
  kDeviceLost,  // the device or its sound server went away
  kStalled,     // the process that captures for us hung and was replaced
  kSuspended,   // the machine slept
};

// "overflow", "device_lost", "stalled", "suspended".
std::string_view name_of(GapCause cause);
std::optional<GapCause> gap_cause_of(std::string_view name);
// Whether the loss is ours, so that it must never happen on a machine that keeps up.
constexpr bool is_own_fault(GapCause cause) {
  return cause == GapCause::kOverflow || cause == GapCause::kStalled;
}

// Three frames: encoding them at once costs a third less than waking for each. More gains little.
inline constexpr std::chrono::milliseconds kGather{60};

struct LiveBlock {
  struct Gap {
    GapCause cause = GapCause::kOverflow;
    int64_t samples = -1;  // per channel at the block's rate; -1: as the times say
  };

  PcmFormat format;                  // differs from the block before only where gap is set
  std::span<const int16_t> samples;  // valid until the next read; empty: nothing came in the wait
  CaptureTime end{};                 // when the last of these samples was taken
  std::optional<Gap> gap;            // what is missing just before this block
  bool paused = false;               // the samples are silence in place of what was said
  bool ended = false;                // nothing comes any more (the end of a file)
};

class LiveSource {
 public:
  virtual ~LiveSource() = default;

  // Of what comes next; known from the start.
  virtual PcmFormat format() const = 0;
  // The next block, or an empty one after the wait. A block that ended the source may still hold
  // samples.
  virtual Result<LiveBlock> read(std::chrono::milliseconds wait) = 0;
  // Whether blocks may gather for kGather before read() gives them, which costs less, or are wanted
  // as they come. The thread that reads.
  virtual void gather(bool /*on*/) {}
  // While on, samples are replaced by silence before anything of ours sees them. Any thread.
  virtual void pause(bool on) = 0;
  // The reference clock. Any thread.
  virtual CaptureTime now() const = 0;
};

}  // namespace earful::recorder
