#include "recorder/codec/call_reader.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "recorder/codec/leg_decoder.h"
#include "recorder/codec/ogg_pages.h"
#include "recorder/codec/opus_head.h"
#include "recorder/codec/packet_pair.h"
#include "recorder/codec/page_packets.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

// A waveform needs no more; it halves the cost of 48 kHz.
constexpr int kPeaksRateHz = 8000;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Packets to frames at one rate, each given to the peaks and where asked to a meter.
class CallReader {
 public:
  CallReader(const OpusHead& head, int rate_hz, Meter* meter)
      : legs_(size_t(head.channels)),
        meter_(meter),
        positions_per_sample_(int(kPositionsPerSecond) / rate_hz),
        frame_samples_(size_t(rate_hz / kFramesPerSecond)) {
    peaks_.legs = head.channels;
    skip_ = size_t(head.pre_skip / positions_per_sample_);
    for (size_t leg = 0; leg < legs_; ++leg) decoders_.emplace_back(rate_hz);
  }

  void take(const std::string& packet) {
    if (legs_ == 1) return decoders_[0].decode(packet, pcm_[0]);
    const auto pair = split_packets(packet);
    decoders_[0].decode(pair ? pair->first : std::string_view(), pcm_[0]);
    decoders_[1].decode(pair ? pair->second : std::string_view(), pcm_[1]);
  }

  void give_frames() {
    while (pcm_[0].size() >= skip_ + frame_samples_) give(frame_samples_);
  }

  // end: samples of the whole call, where the file says so.
  Peaks finish(Position duration) {
    const int64_t end = duration / positions_per_sample_;
    give_frames();
    const int64_t left = std::min<int64_t>(end - given_, int64_t(pcm_[0].size()) - int64_t(skip_));
    if (left > 0) give(size_t(left));
    const auto frames = size_t((end + int64_t(frame_samples_) - 1) / int64_t(frame_samples_));
    if (peaks_.frames() > frames) peaks_.values.resize(frames * legs_ * 2);
    return std::move(peaks_);
  }

 private:
  void give(size_t count) {
    for (size_t leg = 0; leg < legs_; ++leg) {
      std::vector<int16_t>& pcm = pcm_[leg];
      const size_t there = pcm.size() > skip_ ? std::min(count, pcm.size() - skip_) : 0;
      const auto frame = std::span<const int16_t>(pcm).subspan(std::min(skip_, pcm.size()), there);
      peaks_.add(frame);
      if (meter_) meter_->add(frame);
      pcm.erase(pcm.begin(), pcm.begin() + std::ptrdiff_t(std::min(skip_ + there, pcm.size())));
    }
    skip_ = 0;
    given_ += int64_t(count);
  }

  size_t legs_;
  Meter* meter_;
  int positions_per_sample_;
  size_t frame_samples_;
  Peaks peaks_;
  size_t skip_ = 0;
  int64_t given_ = 0;
  std::vector<LegDecoder> decoders_;
  std::array<std::vector<int16_t>, kMaxLegs> pcm_;
};

Result<CallContent> read(const std::filesystem::path& audio, bool measured) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(audio.c_str(), "rbe"));
  if (!file) return Error{"E_DISK", "opening " + audio.string() + ": " + std::strerror(errno)};
  OggPages pages(
      [&](std::span<char> out) { return std::fread(out.data(), 1, out.size(), file.get()); });
  auto page = pages.next();
  PagePackets packets;
  if (!page) return Error{"E_CODEC", "reading " + audio.string() + ": no Ogg page in it"};
  const auto& first = packets.take(*page, true);
  if (first.empty()) return Error{"E_CODEC", "reading " + audio.string() + ": no header in it"};
  EARFUL_ASSIGN(const OpusHead head, parse_opus_head(first[0]));
  CallContent content;
  content.legs = head.channels;
  content.sample_rate_hz = coded_rate_hz(int(head.input_rate_hz));
  std::optional<Meter> meter;
  if (measured) meter.emplace(content.sample_rate_hz, head.channels);
  CallReader reader(head, measured ? content.sample_rate_hz : kPeaksRateHz,
                    meter ? &*meter : nullptr);
  while ((page = pages.next())) {
    for (const std::string& packet : packets.take(*page, pages.skipped() > 0)) {
      if (!packet.starts_with("OpusTags")) reader.take(packet);
    }
    reader.give_frames();
    if (page->granule > head.pre_skip) content.duration = page->granule - head.pre_skip;
  }
  content.peaks = reader.finish(content.duration);
  content.meter = std::move(meter);
  return content;
}

}  // namespace

Result<Peaks> rebuild_peaks(const std::filesystem::path& audio) {
  EARFUL_ASSIGN(CallContent content, read(audio, false));
  return std::move(content.peaks);
}

Result<CallContent> read_call(const std::filesystem::path& audio) { return read(audio, true); }

}  // namespace earful::recorder
