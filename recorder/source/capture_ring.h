// A ring of slots in memory that two processes share: the audio callback of a capture child fills
// them, the station takes them. One slot is what one callback brought, with the time of its last
// sample and what found no room before it. Neither side ever waits for the other.
//
// Functions say who may call them. The writer allocates nothing and makes no system call. The
// reader trusts no number in a slot.
#pragma once

#include <atomic>
#include <cstdint>

namespace earful::recorder {

// 2.7 s at 48 kHz with 10 ms a callback: longer than the station's threads ever stop for a sync.
inline constexpr uint64_t kCaptureSlots = 256;
// Interleaved. A callback that brings more takes several slots.
inline constexpr uint32_t kSlotSamples = 2048;

inline constexpr uint32_t kSlotPaused = 1;  // zeros in place of what was said
inline constexpr uint32_t kSlotOverflow =
    2;  // the host lost samples before it, nobody knows how many

// All zero at first, by whoever makes the memory: writing that here would touch every page of it.
struct CaptureSlot {
  int64_t end_ns;        // CLOCK_BOOTTIME when the last sample was taken
  uint32_t frames;       // samples per channel
  uint32_t lost_before;  // samples per channel that found the ring full
  uint32_t flags;
  int16_t samples[kSlotSamples];
};

struct CaptureRing {
  alignas(64) std::atomic<uint64_t> filled = 0;  // slots, ever; the writer's
  alignas(64) std::atomic<uint64_t> taken = 0;   // slots, ever; the reader's
  CaptureSlot slots[kCaptureSlots];

  // Writer only. The next free slot, or nullptr when the ring is full.
  CaptureSlot* next_free() {
    const uint64_t at = filled.load(std::memory_order_relaxed);
    const bool full = at - taken.load(std::memory_order_acquire) >= kCaptureSlots;
    return full ? nullptr : &slots[at % kCaptureSlots];
  }
  // Writer only, once after each next_free().
  void fill() {
    filled.store(filled.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // Reader only. The oldest filled slot, or nullptr when there is none.
  const CaptureSlot* next_filled() const {
    const uint64_t at = taken.load(std::memory_order_relaxed);
    return at == filled.load(std::memory_order_acquire) ? nullptr : &slots[at % kCaptureSlots];
  }
  // Reader only, once after each next_filled(), when its samples are not needed any more.
  void take() { taken.store(taken.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
};

static_assert(std::atomic<uint64_t>::is_always_lock_free, "another process sees these");

}  // namespace earful::recorder
