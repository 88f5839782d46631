#include "recorder/codec/call_writer.h"

#include "base/check.h"
#include "recorder/codec/packet_pair.h"

namespace earful::recorder {
namespace {

constexpr int kFrame48k = int(kFramePositions);

}  // namespace

CallWriter::CallWriter(std::vector<LegEncoder> encoders, OggWriter ogg, int rate_hz)
    : encoders_(std::move(encoders)),
      ogg_(std::move(ogg)),
      meter_(rate_hz, int(encoders_.size())),
      rate_hz_(rate_hz) {
  peaks_.legs = int(encoders_.size());
}

Result<CallWriter> CallWriter::make(int rate_hz, int legs, const EncoderSettings& settings,
                                    uint32_t serial, ByteSink sink) {
  EARFUL_CHECK(legs >= 1 && legs <= kMaxLegs);
  std::vector<LegEncoder> encoders;
  for (int leg = 0; leg < legs; ++leg) {
    EARFUL_ASSIGN(LegEncoder encoder, LegEncoder::make(rate_hz, settings));
    encoders.push_back(std::move(encoder));
  }
  const int pre_skip = encoders[0].lookahead() * int(kPositionsPerSecond / rate_hz);
  OggWriter ogg(head_of_call(legs, pre_skip, rate_hz), serial, std::move(sink));
  return CallWriter(std::move(encoders), std::move(ogg), rate_hz);
}

Result<void> CallWriter::write(const Frame& frame) {
  EARFUL_CHECK(frame.legs == int(encoders_.size()) && kept_ == encoded_);
  for (int leg = 0; leg < frame.legs; ++leg) {
    const auto kept = frame.samples[size_t(leg)].first(frame.kept);
    peaks_.add(kept);
    meter_.add(kept);
  }
  kept_ += int64_t(frame.kept);
  return encode(frame);
}

Result<void> CallWriter::encode(const Frame& frame) {
  encoded_ += int64_t(frame.samples[0].size());
  for (size_t leg = 0; leg < encoders_.size(); ++leg) {
    EARFUL_ASSIGN(packets_[leg], encoders_[leg].encode(frame.samples[leg]));
  }
  if (frame.legs == 1) return ogg_.write(packets_[0], kFrame48k);
  joined_.clear();
  EARFUL_CHECK(join_packets(packets_[0], packets_[1], joined_));
  return ogg_.write(joined_, kFrame48k);
}

Result<void> CallWriter::finish() {
  EARFUL_CHECK(kept_ > 0);
  // The encoder lags: silence pushes out what it still holds.
  const std::vector<int16_t> silence(size_t(rate_hz_ / kFramesPerSecond));
  Frame frame;
  frame.legs = int(encoders_.size());
  frame.samples.fill(silence);
  while (encoded_ < kept_ + encoders_[0].lookahead()) EARFUL_TRY(encode(frame));
  return ogg_.finish(kept_ * (kPositionsPerSecond / rate_hz_));
}

}  // namespace earful::recorder
