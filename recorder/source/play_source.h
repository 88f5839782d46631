// Samples that exist already, given out as if they were heard now: at the pace of a clock, with
// scripted gaps and drift. Everything behind a LiveSource can be tried with it, at any speed and
// without a device.
//
// Owned by whoever reads it. Holds a block, not the file. Errors: E_DISK, E_SOURCE and those of
// wav_header.h.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/source/live_source.h"
#include "recorder/source/play_clock.h"

namespace earful::recorder {

// Puts interleaved samples from that place on (per channel) into `out`; fewer only on an error of
// the world.
using SampleMaker = std::function<Result<void>(int64_t first, std::span<int16_t> out)>;

class PlaySource : public LiveSource {
 public:
  // samples: how many there are per channel; -1: no end.
  PlaySource(PcmFormat format, int64_t samples, SampleMaker make, const PlayOptions& options,
             std::shared_ptr<PlayClock> clock);

  PcmFormat format() const override { return format_; }
  Result<LiveBlock> read(std::chrono::milliseconds wait) override;
  void pause(bool on) override { paused_.store(on); }
  CaptureTime now() const override { return clock_->now(); }

 private:
  struct Gap {
    int64_t start = 0;  // samples per channel
    int64_t end = 0;
    GapCause cause = GapCause::kOverflow;
  };

  CaptureTime taken_at(int64_t sample) const;
  void pass_gap();
  int64_t next_count() const;

  PcmFormat format_;
  int64_t samples_;
  SampleMaker make_;
  std::shared_ptr<PlayClock> clock_;
  double true_rate_hz_;
  int64_t block_samples_;
  std::vector<Gap> gaps_;  // the next one last
  CaptureTime start_;
  int64_t position_ = 0;
  std::optional<LiveBlock::Gap> missing_;
  std::vector<int16_t> block_;
  std::atomic<bool> paused_ = false;
};

// A WAV file in this process: PCM, float, A-law and mu-law.
Result<std::unique_ptr<LiveSource>> open_play_source(const std::string& path,
                                                     const PlayOptions& options,
                                                     std::shared_ptr<PlayClock> clock);

}  // namespace earful::recorder
