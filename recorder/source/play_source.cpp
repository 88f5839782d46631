#include "recorder/source/play_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "recorder/source/wav_header.h"
#include "recorder/source/wav_samples.h"

namespace earful::recorder {
namespace {

constexpr int64_t kMsPerSecond = 1000;

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { close(fd_); }

  size_t read_at(int64_t offset, std::span<char> out) const {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = pread(fd_, out.data() + done, out.size() - done, offset + off_t(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += size_t(got);
    }
    return done;
  }

 private:
  int fd_;
};

// Takes the samples of one block.
class BlockSink : public PcmSink {
 public:
  explicit BlockSink(std::span<int16_t> out) : out_(out) {}

  Result<void> format(const PcmFormat&) override { return {}; }
  Result<void> samples(std::span<const int16_t> some) override {
    some = some.first(std::min(some.size(), out_.size()));
    std::copy(some.begin(), some.end(), out_.begin());
    out_ = out_.subspan(some.size());
    return {};
  }
  void warn(const std::string&) override {}
  bool full() const { return out_.empty(); }

 private:
  std::span<int16_t> out_;
};

Error disk(const std::string& path, const std::string& why) {
  return {"E_DISK", "reading " + path + " as a live source: " + why};
}

}  // namespace

PlaySource::PlaySource(PcmFormat format, int64_t samples, SampleMaker make,
                       const PlayOptions& options, std::shared_ptr<PlayClock> clock)
    : format_(format),
      samples_(samples),
      make_(std::move(make)),
      clock_(std::move(clock)),
      true_rate_hz_(format.rate_hz * (1 + options.drift_ppm / 1e6)),
      block_samples_(std::max<int64_t>(1, options.block.count() * format.rate_hz / kMsPerSecond)),
      start_(clock_->now()) {
  for (const ScriptedGap& gap : options.gaps) {
    gaps_.push_back({gap.start.count() * format.rate_hz / kMsPerSecond,
                     gap.end.count() * format.rate_hz / kMsPerSecond, gap.cause});
  }
  std::reverse(gaps_.begin(), gaps_.end());
}

CaptureTime PlaySource::taken_at(int64_t sample) const {
  return start_ + CaptureTime(int64_t(double(sample) / true_rate_hz_ * 1e9));
}

void PlaySource::pass_gap() {
  while (!gaps_.empty() && position_ >= gaps_.back().start) {
    const Gap gap = gaps_.back();
    gaps_.pop_back();
    // Only what finds no room is counted by whoever loses it.
    const bool counted = gap.cause == GapCause::kOverflow && !missing_;
    missing_ = {gap.cause, counted ? gap.end - position_ : -1};
    position_ = gap.end;
  }
}

int64_t PlaySource::next_count() const {
  int64_t count = block_samples_;
  if (!gaps_.empty()) count = std::min(count, gaps_.back().start - position_);
  if (samples_ >= 0) count = std::min(count, samples_ - position_);
  return std::max<int64_t>(count, 0);
}

Result<LiveBlock> PlaySource::read(std::chrono::milliseconds wait) {
  pass_gap();
  const int64_t count = next_count();
  LiveBlock block{.format = format_, .end = taken_at(position_ + count)};
  if (!clock_->wait_until(block.end, wait)) {
    block.end = clock_->now();
    return block;
  }
  block_.resize(size_t(count) * size_t(format_.channels));
  block.paused = paused_.load() && count > 0;
  if (block.paused) {
    std::fill(block_.begin(), block_.end(), int16_t(0));
  } else if (count > 0) {
    EARFUL_TRY(make_(position_, block_));
  }
  position_ += count;
  block.samples = block_;
  block.gap = std::exchange(missing_, std::nullopt);
  block.ended = samples_ >= 0 && position_ >= samples_;
  return block;
}

Result<std::unique_ptr<LiveSource>> open_play_source(const std::string& path,
                                                     const PlayOptions& options,
                                                     std::shared_ptr<PlayClock> clock) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return disk(path, std::strerror(errno));
  const auto file = std::make_shared<OpenFile>(fd);
  struct stat info {};
  if (fstat(fd, &info) != 0) return disk(path, std::strerror(errno));
  const ReadAt at = [file](int64_t offset, std::span<char> out) {
    return file->read_at(offset, out);
  };
  EARFUL_ASSIGN(const WavLayout layout, walk_wav(at, info.st_size));
  const PcmFormat format{layout.rate_hz, layout.channels};
  if (layout.coding == WavCoding::kGsm) {
    return Error{"E_SOURCE", "playing " + path +
                                 " as a live source: it is coded as GSM; convert it with: "
                                 "sox IN.wav -e signed -b 16 OUT.wav"};
  }
  SampleMaker make = [at, layout, path](int64_t first, std::span<int16_t> out) -> Result<void> {
    WavLayout part = layout;
    part.warnings.clear();
    part.data_offset += first * layout.frame_bytes();
    part.data_bytes = int64_t(out.size()) / layout.channels * layout.frame_bytes();
    BlockSink sink(out);
    EARFUL_TRY(decode_wav_samples(at, part, sink));
    if (!sink.full()) return disk(path, "it became shorter while it was played");
    return {};
  };
  return std::unique_ptr<LiveSource>(
      std::make_unique<PlaySource>(format, layout.data_bytes / layout.frame_bytes(),
                                   std::move(make), options, std::move(clock)));
}

}  // namespace earful::recorder
