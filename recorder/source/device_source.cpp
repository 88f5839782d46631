#include "recorder/source/device_source.h"

#include <time.h>

#include <algorithm>
#include <new>
#include <thread>
#include <utility>

#include "base/log.h"

namespace earful::recorder {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using Steady = std::chrono::steady_clock;

// The callback makes no system call, so nobody wakes us: the ring is looked at this often, half as
// long as most callbacks are apart, unless blocks may gather.
constexpr auto kLook = 10ms;
// When a sound server dies callbacks stop without an error; this much silence is the alarm. What
// counts is time in which we looked: on a machine that stops us, it stops the child as well.
constexpr nanoseconds kSilenceLimit = 200ms;
constexpr nanoseconds kMostOfALook = 2 * kLook;
// A child whose heartbeat stands still for three beats is stuck itself.
constexpr nanoseconds kStuckLimit = 150ms;
// First samples take 0.4 to 2 s from a child's start.
constexpr auto kOpenLimit = 5s;
constexpr auto kFirstRetry = 200ms;
constexpr auto kLastRetry = 5000ms;
// The end of a block whose age a host tells a little too young. Further ahead no time is taken: the
// call would be filled with silence up to it.
constexpr nanoseconds kMostAhead = 1s;
// Clocks that count sleep and those that do not part by more than this only in a sleep.
constexpr nanoseconds kSleepNoticed = 100ms;

nanoseconds read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

nanoseconds time_asleep() { return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC); }

}  // namespace

Result<std::unique_ptr<DeviceSource>> DeviceSource::open(const DeviceRequest& request) {
  EARFUL_ASSIGN(SharedMemory control, SharedMemory::make(sizeof(CaptureControl)));
  new (control.data()) CaptureControl;
  std::unique_ptr<DeviceSource> source(new DeviceSource(request, std::move(control)));
  source->format_.channels = std::max(request.channels, 1);
  source->slept_ = time_asleep();
  EARFUL_TRY(source->start());
  CaptureProcess& process = *source->process_;
  while (process.memory().phase.load(std::memory_order_acquire) == CapturePhase::kOpening) {
    if (!process.runs() || Steady::now() > source->deadline_) return process.error();
    std::this_thread::sleep_for(kLook);
  }
  if (process.memory().phase.load() != CapturePhase::kRunning || !source->adopt()) {
    return process.error();
  }
  return source;
}

Result<std::unique_ptr<LiveSource>> open_device_source(const DeviceRequest& request) {
  EARFUL_ASSIGN(std::unique_ptr<LiveSource> source, DeviceSource::open(request));
  return source;
}

Result<void> DeviceSource::start() {
  EARFUL_ASSIGN(CaptureProcess process, CaptureProcess::start({CaptureTask::kCapture, request_.name,
                                                               request_.rate_hz, request_.channels},
                                                              control_));
  process_.emplace(std::move(process));
  opened_channels_ = 0;
  brought_ = false;
  heartbeat_ = 0;
  stuck_ = silence_ = nanoseconds(0);
  looked_ = Steady::now();
  deadline_ = looked_ + kOpenLimit;
  return {};
}

bool DeviceSource::adopt() {
  const int rate_hz = process_->memory().rate_hz, channels = process_->memory().channels;
  if (rate_hz < kMinRateHz || rate_hz > kMaxRateHz) return false;
  if (channels < format_.channels || channels > kMaxChannels) return false;
  format_.rate_hz = rate_hz;
  opened_channels_ = channels;
  deadline_ = Steady::now() + kOpenLimit;
  return true;
}

Result<LiveBlock> DeviceSource::read(std::chrono::milliseconds wait) {
  const auto until = Steady::now() + wait;
  while (true) {
    if (auto block = next_block()) return std::move(*block);
    look();
    const auto left = until - Steady::now();
    if (left <= nanoseconds(0)) return LiveBlock{.format = format_, .end = now()};
    // What stops flowing is watched closely.
    const bool seldom = gather_ && std::exchange(flows_, false);
    std::this_thread::sleep_for(std::min<nanoseconds>(left, seldom ? kGather : kLook));
  }
}

void DeviceSource::look() {
  const auto time = Steady::now();
  const nanoseconds since = std::min<nanoseconds>(time - looked_, kMostOfALook);
  looked_ = time;
  if (time_asleep() - slept_ > kSleepNoticed) {
    slept_ = time_asleep();
    asleep_ = true;
  }
  if (!process_) {
    // What keeps a child from starting may pass, as a pulled device may come back.
    if (time >= retry_at_ && !start()) lose(GapCause::kDeviceLost);
    return;
  }
  switch (process_->memory().phase.load(std::memory_order_acquire)) {
    case CapturePhase::kOpening:
      if (!process_->runs() || time > deadline_) lose(GapCause::kDeviceLost);
      return;
    case CapturePhase::kRunning:
      if (opened_channels_ == 0 && !adopt()) return lose(GapCause::kDeviceLost);
      return watch(since);
    default:
      lose(GapCause::kDeviceLost);
  }
}

void DeviceSource::watch(nanoseconds since) {
  if (!process_->runs()) return lose(GapCause::kStalled);
  const uint32_t beats = process_->memory().heartbeat.load(std::memory_order_relaxed);
  stuck_ = beats == heartbeat_ ? stuck_ + since : nanoseconds(0);
  heartbeat_ = beats;
  silence_ += since;
  if (brought_ ? silence_ > kSilenceLimit : looked_ > deadline_) {
    lose(stuck_ > kStuckLimit ? GapCause::kStalled : GapCause::kDeviceLost);
  }
}

void DeviceSource::lose(GapCause cause) {
  // What it brought at the last is taken first.
  if (process_ && opened_channels_ != 0 && process_->memory().ring.next_filled() != nullptr) return;
  if (!lost_) {
    log_warn("lose device", {{"device", request_.name}, {"cause", name_of(cause)}});
    lost_ = cause;
  }
  process_.reset();
  retry_at_ = Steady::now() + retry_after_;
  retry_after_ = std::clamp<std::chrono::milliseconds>(2 * retry_after_, kFirstRetry, kLastRetry);
}

std::optional<LiveBlock> DeviceSource::next_block() {
  if (!process_ || opened_channels_ == 0) return std::nullopt;
  CaptureRing& ring = process_->memory().ring;
  const CaptureSlot* slot = ring.next_filled();
  if (slot == nullptr) return std::nullopt;
  LiveBlock block = block_of(*slot);
  ring.take();
  brought_ = flows_ = true;
  silence_ = stuck_ = nanoseconds(0);
  retry_after_ = {};
  return block;
}

LiveBlock DeviceSource::block_of(const CaptureSlot& slot) {
  // Another process writes these: each is read once and then checked.
  const auto opened = size_t(opened_channels_), channels = size_t(format_.channels);
  const size_t frames = std::min<size_t>(slot.frames, kSlotSamples / opened);
  const uint32_t flags = slot.flags, lost_before = slot.lost_before;
  const nanoseconds length(int64_t(frames) * 1'000'000'000 / format_.rate_hz);
  const CaptureTime latest = std::max(now() + kMostAhead, end_);
  const CaptureTime end = std::clamp(CaptureTime(slot.end_ns), end_, latest);

  samples_.resize(frames * channels);
  if (opened == channels) {
    std::copy_n(slot.samples, samples_.size(), samples_.begin());
  } else {  // one leg from a device that only has two channels
    for (size_t i = 0; i < frames; ++i) {
      samples_[i] = int16_t((slot.samples[2 * i] + slot.samples[2 * i + 1]) / 2);
    }
  }

  LiveBlock block{.format = format_, .samples = samples_, .end = end};
  block.paused = (flags & kSlotPaused) != 0;
  const bool first = end_ == CaptureTime{};
  if (asleep_ && !first && end - length - end_ > kSleepNoticed) {
    lost_ = GapCause::kSuspended;
    asleep_ = false;
  }
  if (lost_ && !first) {
    log_info("regain device", {{"device", request_.name}, {"rate_hz", format_.rate_hz}});
    block.gap = {*lost_, -1};
  } else if ((flags & kSlotOverflow) != 0 && !first) {
    block.gap = {GapCause::kOverflow, -1};
  } else if (lost_before > 0) {
    block.gap = {GapCause::kOverflow, int64_t(lost_before)};
  }
  lost_.reset();
  end_ = end;
  return block;
}

void DeviceSource::pause(bool on) {
  std::atomic<uint32_t>& turns = static_cast<CaptureControl*>(control_.data())->pause_turns;
  uint32_t turn = turns.load();
  while ((turn % 2 != 0) != on && !turns.compare_exchange_weak(turn, turn + 1)) {
  }
}

CaptureTime DeviceSource::now() const { return read_clock(CLOCK_BOOTTIME); }

}  // namespace earful::recorder
