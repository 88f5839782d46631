#include "recorder/source/capture_callback.h"

#include <time.h>

#include <algorithm>
#include <cstring>

namespace earful::recorder {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// An age beyond this is a host that tells no times.
constexpr double kMaxAgeSeconds = 2;
// Of the length of a callback; the rest is for clocks that disagree.
constexpr double kSurelyYounger = 0.9;

int64_t boot_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t(now.tv_sec) * kNsPerSecond + now.tv_nsec;
}

// How long ago the first of these samples was taken. Hosts differ in what they tell: a driver the
// age of the first sample, ALSA's PulseAudio plugin the age of the last. Whoever once tells an age
// the first sample cannot have means the last.
double age_of_first(CaptureCallback& self, const PaStreamCallbackTimeInfo* times, uint64_t frames) {
  const double length = double(frames) / self.format.rate_hz;
  if (times == nullptr || times->inputBufferAdcTime <= 0) return length;
  const double age = times->currentTime - times->inputBufferAdcTime;
  if (age < 0 || age > kMaxAgeSeconds) return length;
  if (age < length * kSurelyYounger) self.tells_age_of_last = true;
  return self.tells_age_of_last ? age + length : age;
}

// The next part goes into one slot, all of it silent or none.
void put(CaptureCallback& self, const int16_t* samples, uint64_t frames, int64_t end_ns) {
  const auto channels = uint64_t(self.format.channels);
  CaptureSlot* slot = self.ring->next_free();
  if (slot == nullptr) {
    self.lost += uint32_t(frames);
    return;
  }
  slot->end_ns = end_ns;
  slot->frames = uint32_t(frames);
  slot->lost_before = self.lost;
  slot->flags = (self.overflowed ? kSlotOverflow : 0) | (samples == nullptr ? kSlotPaused : 0);
  const size_t bytes = size_t(frames * channels) * sizeof(int16_t);
  if (samples == nullptr) {
    std::memset(slot->samples, 0, bytes);
  } else {
    std::memcpy(slot->samples, samples, bytes);
  }
  self.ring->fill();
  self.lost = 0;
  self.overflowed = false;
}

}  // namespace

int on_capture(const void* input, void* /*output*/, unsigned long frames,
               const PaStreamCallbackTimeInfo* times, PaStreamCallbackFlags flags, void* context) {
  CaptureCallback& self = *static_cast<CaptureCallback*>(context);
  const auto channels = uint64_t(self.format.channels);
  const auto* samples = static_cast<const int16_t*>(input);
  if ((flags & paInputOverflow) != 0) self.overflowed = true;
  if (samples == nullptr) {  // the host has nothing to show for this time
    self.lost += uint32_t(frames);
    return paContinue;
  }

  const double age = age_of_first(self, times, frames);
  const int64_t first_ns = boot_time_ns() - int64_t(age * kNsPerSecond);
  const uint32_t turns = self.pause_turns->load(std::memory_order_acquire);
  const bool paused = turns % 2 != 0;
  if (turns != self.seen_turns && !paused) {
    // All of this was taken before the pause ended, and what waits behind it may have been, too.
    self.still_silent =
        std::max<uint64_t>({frames, self.latency_frames, uint64_t(age * self.format.rate_hz) + 1});
  }
  self.seen_turns = turns;

  for (uint64_t done = 0; done < frames;) {
    const bool silent = paused || self.still_silent > 0;
    uint64_t count = std::min<uint64_t>(frames - done, kSlotSamples / channels);
    if (!paused && silent) count = std::min(count, self.still_silent);
    const int64_t end_ns = first_ns + int64_t(done + count) * kNsPerSecond / self.format.rate_hz;
    put(self, silent ? nullptr : samples + done * channels, count, end_ns);
    self.still_silent -= std::min(self.still_silent, count);
    done += count;
  }
  return paContinue;
}

}  // namespace earful::recorder
