#include "recorder/codec/clip.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"
#include "recorder/codec/leg_decoder.h"
#include "recorder/codec/ogg_writer.h"
#include "recorder/codec/opus_head.h"
#include "recorder/codec/packet_pair.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

// What a decoder needs to forget how it began (RFC 7845, 4.6).
constexpr int64_t kConvergence = 3840;
constexpr int kPacketsPerPiece = 50;
// A packet without a frame is one that was lost (RFC 6716, 3.2.1): mono, 20 ms, wideband.
constexpr char kLostToc = char(9 << 3);

int64_t packet_of(int64_t granule) { return granule / kFramePositions; }

// In 1/48,000 s of what decoders give: a place in the call, and the pre-skip before it.
struct Span {
  int64_t begin = 0;  // first sample
  int64_t end = 0;
  int64_t first_packet = 0;
  int64_t last_packet = 0;
};

Span span_of(Position from, Position to, int pre_skip) {
  Span span;
  span.begin = from + pre_skip;
  span.end = to + pre_skip;
  span.first_packet = packet_of(std::max<int64_t>(0, span.begin - kConvergence));
  span.last_packet = packet_of(span.end - 1);
  return span;
}

void put_u16(std::string& out, uint32_t value) {
  out.push_back(char(value & 0xff));
  out.push_back(char(value >> 8 & 0xff));
}
void put_u32(std::string& out, uint32_t value) {
  put_u16(out, value & 0xffff);
  put_u16(out, value >> 16);
}

}  // namespace

// Takes the packets of a span, each once and in order.
class Clip::Writer {
 public:
  virtual ~Writer() = default;
  virtual void begin(std::string&) {}
  virtual Result<void> take(const std::string& packet, std::string& out) = 0;
  virtual Result<void> finish(std::string&) { return {}; }
};

class Clip::OpusClip : public Clip::Writer {
 public:
  OpusClip(const OpusHead& whole, const Span& span)
      : legs_(whole.channels),
        kept_(span.end - span.begin),
        ogg_(head_of(whole, span), uint32_t(span.begin),
             [this](std::string_view bytes) -> Result<void> {
               made_ += bytes;
               return {};
             }) {}

  Result<void> take(const std::string& packet, std::string& out) override {
    EARFUL_TRY(ogg_.write(packet.empty() ? lost() : packet, int(kFramePositions)));
    return hand_over(out);
  }

  Result<void> finish(std::string& out) override {
    EARFUL_TRY(ogg_.finish(kept_));
    return hand_over(out);
  }

 private:
  static OpusHead head_of(const OpusHead& whole, const Span& span) {
    OpusHead head = whole;
    head.pre_skip = int(span.begin - span.first_packet * kFramePositions);
    return head;
  }

  std::string lost() const {
    const std::string one(1, kLostToc);
    if (legs_ == 1) return one;
    std::string both;
    EARFUL_CHECK(join_packets(one, one, both));
    return both;
  }

  Result<void> hand_over(std::string& out) {
    out += made_;
    made_.clear();
    return {};
  }

  int legs_;
  int64_t kept_;
  std::string made_;
  OggWriter ogg_;
};

class Clip::WavClip : public Clip::Writer {
 public:
  WavClip(const OpusHead& head, const Span& span)
      : legs_(size_t(head.channels)), rate_hz_(coded_rate_hz(int(head.input_rate_hz))) {
    const int64_t positions_per_sample = kPositionsPerSecond / rate_hz_;
    skip_ = (span.begin - span.first_packet * kFramePositions) / positions_per_sample;
    left_ = (span.end - span.begin + positions_per_sample - 1) / positions_per_sample;
    for (size_t leg = 0; leg < legs_; ++leg) decoders_.emplace_back(rate_hz_);
  }

  // RIFF, as Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" lays it
  // out.
  void begin(std::string& out) override {
    const auto bytes_per_moment = uint32_t(2 * legs_);
    const uint32_t data_bytes = uint32_t(left_) * bytes_per_moment;
    out += "RIFF";
    put_u32(out, 36 + data_bytes);
    out += "WAVEfmt ";
    put_u32(out, 16);
    put_u16(out, 1);  // PCM
    put_u16(out, uint32_t(legs_));
    put_u32(out, uint32_t(rate_hz_));
    put_u32(out, uint32_t(rate_hz_) * bytes_per_moment);
    put_u16(out, bytes_per_moment);
    put_u16(out, 16);
    out += "data";
    put_u32(out, data_bytes);
  }

  Result<void> take(const std::string& packet, std::string& out) override {
    for (std::vector<int16_t>& pcm : pcm_) pcm.clear();
    if (legs_ == 1) {
      decoders_[0].decode(packet, pcm_[0]);
    } else {
      const PacketPair pair = split_packets(packet).value_or(PacketPair{});
      decoders_[0].decode(pair.first, pcm_[0]);
      decoders_[1].decode(pair.second, pcm_[1]);
      pcm_[1].resize(pcm_[0].size());  // of one length, but in a damaged file
    }
    for (size_t i = 0; i < pcm_[0].size() && left_ > 0; ++i) {
      if (skip_ > 0) {
        --skip_;
        continue;
      }
      for (size_t leg = 0; leg < legs_; ++leg) put_u16(out, uint16_t(pcm_[leg][i]));
      --left_;
    }
    return {};
  }

  Result<void> finish(std::string& out) override {
    out.append(size_t(left_) * 2 * legs_, '\0');  // the header has said how much comes
    return {};
  }

 private:
  size_t legs_;
  int rate_hz_;
  int64_t skip_ = 0;  // samples per leg
  int64_t left_ = 0;
  std::vector<LegDecoder> decoders_;
  std::array<std::vector<int16_t>, kMaxLegs> pcm_;
};

Clip::Clip(CallPackets packets, std::unique_ptr<Writer> writer, int64_t count)
    : packets_(std::move(packets)), writer_(std::move(writer)), left_(count) {}
Clip::~Clip() = default;
Clip::Clip(Clip&&) noexcept = default;
Clip& Clip::operator=(Clip&&) noexcept = default;

Result<Clip> Clip::open(const std::filesystem::path& audio, Position from, Position to,
                        ClipFormat format) {
  EARFUL_CHECK(from >= 0 && from < to);
  EARFUL_ASSIGN(CallPackets packets, CallPackets::open(audio));
  const Span span = span_of(from, to, packets.head().pre_skip);
  packets.seek(span.first_packet);
  std::unique_ptr<Writer> writer;
  if (format == ClipFormat::kWav) {
    writer = std::make_unique<WavClip>(packets.head(), span);
  } else {
    writer = std::make_unique<OpusClip>(packets.head(), span);
  }
  return Clip(std::move(packets), std::move(writer), span.last_packet - span.first_packet + 1);
}

Result<bool> Clip::next(std::string& out) {
  if (!begun_) writer_->begin(out);
  begun_ = true;
  for (int i = 0; i < kPacketsPerPiece && left_ > 0; ++i, --left_) {
    EARFUL_TRY(writer_->take(packets_.next(), out));
  }
  if (left_ > 0) return true;
  EARFUL_TRY(writer_->finish(out));
  return false;
}

}  // namespace earful::recorder
