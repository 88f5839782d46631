#include "recorder/codec/call_reader.h"

#include <opus/opus.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "recorder/codec/ogg_pages.h"
#include "recorder/codec/opus_head.h"
#include "recorder/codec/packet_pair.h"
#include "recorder/codec/page_packets.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

// A waveform needs no more; it halves the cost of 48 kHz.
constexpr int kRateHz = 8000;
constexpr int kPositionsPerSample = int(kPositionsPerSecond) / kRateHz;
constexpr size_t kFrameSamples = kRateHz / kFramesPerSecond;
constexpr size_t kMaxPacketSamples = 960;  // 120 ms

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct CloseDecoder {
  void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

class PeaksReader {
 public:
  explicit PeaksReader(const OpusHead& head) : legs_(size_t(head.channels)) {
    peaks_.legs = head.channels;
    skip_ = size_t(head.pre_skip / kPositionsPerSample);
    for (size_t leg = 0; leg < legs_; ++leg) {
      int fault = OPUS_OK;
      decoders_[leg].reset(opus_decoder_create(kRateHz, 1, &fault));
      EARFUL_CHECK(fault == OPUS_OK);
    }
  }

  void take(const std::string& packet) {
    if (legs_ == 1) return decode(0, packet);
    const auto pair = split_packets(packet);
    decode(0, pair ? pair->first : std::string_view());
    decode(1, pair ? pair->second : std::string_view());
  }

  void give_frames() {
    while (pcm_[0].size() >= skip_ + kFrameSamples) give(kFrameSamples);
  }

  // end: samples of the whole call, where the file says so.
  Peaks finish(int64_t end) {
    give_frames();
    const int64_t left = std::min<int64_t>(end - given_, int64_t(pcm_[0].size()) - int64_t(skip_));
    if (left > 0) give(size_t(left));
    const auto frames = size_t((end + int64_t(kFrameSamples) - 1) / int64_t(kFrameSamples));
    if (peaks_.frames() > frames) peaks_.values.resize(frames * legs_ * 2);
    return std::move(peaks_);
  }

 private:
  void decode(size_t leg, std::string_view packet) {
    std::vector<int16_t>& pcm = pcm_[leg];
    const size_t at = pcm.size();
    pcm.resize(at + kMaxPacketSamples);
    int got = -1;
    if (!packet.empty()) {
      got = opus_decode(decoders_[leg].get(), reinterpret_cast<const unsigned char*>(packet.data()),
                        opus_int32(packet.size()), pcm.data() + at, int(kMaxPacketSamples), 0);
    }
    if (got < 0) {
      got = opus_decode(decoders_[leg].get(), nullptr, 0, pcm.data() + at, int(kFrameSamples), 0);
    }
    pcm.resize(at + size_t(std::max(got, 0)));
  }

  void give(size_t count) {
    for (size_t leg = 0; leg < legs_; ++leg) {
      std::vector<int16_t>& pcm = pcm_[leg];
      const size_t there = pcm.size() > skip_ ? std::min(count, pcm.size() - skip_) : 0;
      peaks_.add(std::span<const int16_t>(pcm).subspan(std::min(skip_, pcm.size()), there));
      pcm.erase(pcm.begin(), pcm.begin() + std::ptrdiff_t(std::min(skip_ + there, pcm.size())));
    }
    skip_ = 0;
    given_ += int64_t(count);
  }

  size_t legs_;
  Peaks peaks_;
  size_t skip_ = 0;
  int64_t given_ = 0;
  std::array<std::unique_ptr<OpusDecoder, CloseDecoder>, kMaxLegs> decoders_;
  std::array<std::vector<int16_t>, kMaxLegs> pcm_;
};

}  // namespace

Result<Peaks> rebuild_peaks(const std::filesystem::path& audio) {
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
  PeaksReader reader(head);
  int64_t end = 0;
  while ((page = pages.next())) {
    for (const std::string& packet : packets.take(*page, pages.skipped() > 0)) {
      if (!packet.starts_with("OpusTags")) reader.take(packet);
    }
    reader.give_frames();
    if (page->granule > head.pre_skip) end = (page->granule - head.pre_skip) / kPositionsPerSample;
  }
  return reader.finish(end);
}

}  // namespace earful::recorder
