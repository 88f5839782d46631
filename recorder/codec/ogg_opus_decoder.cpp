#include "recorder/codec/ogg_opus_decoder.h"

#include <opus/opus_multistream.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "recorder/codec/opus_head.h"
#include "recorder/codec/page_packets.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

constexpr int kMaxPacketSamples = 5760;  // 120 ms at 48 kHz
constexpr int kFrame48k = 960;
// Half an hour. More silence than that is not a hole but a page that lies.
constexpr int64_t kMaxHole = 30 * 60 * 48000;

std::string seconds(int64_t samples_48k) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", double(samples_48k) / 48000.0);
  return text;
}

struct CloseDecoder {
  void operator()(OpusMSDecoder* decoder) const { opus_multistream_decoder_destroy(decoder); }
};

// One decoding from the first page to the last. Lengths are samples at 48 kHz unless a name says
// otherwise.
class Decoding {
 public:
  Decoding(ByteSource source, PcmSink& sink) : pages_(std::move(source)), sink_(sink) {}

  Result<void> run() {
    while (!stopped_) {
      const auto page = pages_.next();
      // Whether a page was among them is told by the number of the next one.
      skipped_bytes_ += pages_.skipped();
      if (!page) break;
      EARFUL_TRY(take(*page));
    }
    return end();
  }

 private:
  Result<void> take(const OggPage& page) {
    if (page.version != 0) {
      ++bad_versions_;
      return {};
    }
    if (page.first && (!serial_ || audio_pages_ > 0 || ended_)) return open_link(page);
    if (!serial_ || page.serial != *serial_) {
      other_streams_ = other_streams_ || serial_.has_value();
      return {};
    }
    if (ended_) return {};
    const bool jumped = page.sequence != expected_;
    if (jumped && page.sequence + 1 == expected_) return {};  // the same page again
    expected_ = page.sequence + 1;
    const auto& packets = packets_.take(page, jumped);
    if (tags_pending_) return skip_tags(page, packets, jumped);
    return audio(page, packets, jumped);
  }

  // The comment header may be of any size and is never kept; audio begins on the page after it.
  Result<void> skip_tags(const OggPage& page, const std::vector<std::string>& packets,
                         bool after_hole) {
    const bool comments = !packets.empty() && packets[0].starts_with("OpusTags");
    if (after_hole && !comments && page.granule > 0) {  // the comments are what was lost
      tags_pending_ = false;
      return audio(page, packets, false);
    }
    tags_pending_ = packets_.unfinished();
    return {};
  }

  Result<void> open_link(const OggPage& page) {
    const auto& packets = packets_.take(page, true);
    const bool opus = !packets.empty() && looks_like_opus_head(packets[0]);
    if (!opus) {
      other_streams_ = other_streams_ || serial_.has_value();
      return {};
    }
    if (links_ == kMaxChainedLinks) {
      sink_.warn("more than 64 recordings are chained in this file: only the first 64 were read");
      stopped_ = true;
      return {};
    }
    const Result<OpusHead> parsed = parse_opus_head(packets[0]);
    if (!parsed && links_ == 0) return parsed.error();
    const OpusHead head = parsed ? *parsed : OpusHead{.channels = 0};
    if (links_ > 0 && head.channels != head_.channels) {
      sink_.warn("recording " + std::to_string(links_ + 1) +
                 " in this file is of another kind: reading ended before it");
      stopped_ = true;
      return {};
    }
    close_link();
    head_ = head;
    serial_ = page.serial;
    expected_ = page.sequence + 1;
    tags_pending_ = true;
    ended_ = hole_pending_ = false;
    audio_pages_ = 0;
    base_.reset();
    decoded_ = 0;
    to_skip_ = head.pre_skip;
    if (++links_ == 1) EARFUL_TRY(announce());
    return make_decoder();
  }

  Result<void> announce() {
    const uint32_t rate = head_.input_rate_hz;
    rate_hz_ = coded_rate_hz(rate == 0 || rate > 48000 ? 48000 : int(rate));
    ratio_ = 48000 / rate_hz_;
    return sink_.format({rate_hz_, head_.channels});
  }

  Result<void> make_decoder() {
    int fault = OPUS_OK;
    decoder_.reset(opus_multistream_decoder_create(rate_hz_, head_.channels, head_.streams,
                                                   head_.coupled, head_.mapping.data(), &fault));
    if (fault == OPUS_OK && head_.gain_q8 != 0) {
      if (std::abs(head_.gain_db()) <= kMaxGainDb) {
        fault = opus_multistream_decoder_ctl(decoder_.get(), OPUS_SET_GAIN(head_.gain_q8));
      } else {
        char text[96];
        std::snprintf(text, sizeof text, "the header asks for a gain of %.1f dB: not applied",
                      head_.gain_db());
        sink_.warn(text);
      }
    }
    if (fault == OPUS_OK) return {};
    return Error{"E_CODEC", std::string("starting the Opus decoder: ") + opus_strerror(fault) +
                                "; export the call again"};
  }

  static int length_of(const std::string& packet) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(packet.data());
    const int length = opus_packet_get_nb_samples(bytes, opus_int32(packet.size()), 48000);
    return length > 0 && length <= kMaxPacketSamples ? length : 0;
  }

  Result<void> audio(const OggPage& page, const std::vector<std::string>& packets,
                     bool after_hole) {
    ++audio_pages_;
    ended_ = page.last;
    hole_pending_ = hole_pending_ || after_hole;
    if (packets.empty()) return {};
    lengths_.clear();
    int64_t page_length = 0;
    for (const std::string& packet : packets) {
      // What cannot be told is taken to be as long as the packet before.
      if (const int length = length_of(packet)) last_length_ = length;
      lengths_.push_back(last_length_);
      page_length += last_length_;
    }
    std::optional<int64_t> granule;
    if (page.granule >= 0 && page.granule < INT64_MAX / 2) granule = page.granule;
    if (granule && !base_) {
      // A stream may start late; only its last page may say less than it holds.
      const bool from_zero = page.last || hole_pending_ || *granule < page_length;
      base_ = from_zero ? 0 : *granule - page_length;
    }
    if (hole_pending_) EARFUL_TRY(fill_hole(granule, page_length));
    hole_pending_ = false;
    const std::optional<int64_t> keep = check_granule(granule, page_length, page.last);
    for (size_t i = 0; i < packets.size(); ++i) {
      EARFUL_TRY(decode(packets[i], lengths_[i], keep));
    }
    return {};
  }

  // Where the stream ends, if this page says so. A position that is wrong is counted, nothing more.
  std::optional<int64_t> check_granule(std::optional<int64_t> granule, int64_t page_length,
                                       bool last) {
    const int64_t counted = decoded_ + page_length;
    if (!granule || !base_) {
      ++bad_granules_;
      return std::nullopt;
    }
    const int64_t says = *granule - *base_;
    if (says == counted) return std::nullopt;
    if (last && says < counted && says >= decoded_) return says;
    ++bad_granules_;
    base_ = *granule - counted;  // so that one jump is one complaint
    return std::nullopt;
  }

  // The granule position of the page after a hole tells how much is missing.
  Result<void> fill_hole(std::optional<int64_t> granule, int64_t page_length) {
    const bool known = granule && base_;
    const int64_t missing = known ? *granule - *base_ - page_length - decoded_ : 0;
    if (missing < 0 || missing > kMaxHole || !known) {
      sink_.warn("damage at " + seconds(decoded_) + ": how much is missing cannot be told");
      return {};
    }
    if (missing == 0) return {};
    sink_.warn("damage at " + seconds(decoded_) + ": " + std::to_string(missing) +
               " samples at 48 kHz (" + seconds(missing) + ") are lost and silent");
    pcm_.assign(size_t(kFrame48k / ratio_ * head_.channels), 0);
    for (int64_t left = missing; left > 0; left -= kFrame48k) {
      EARFUL_TRY(give(int(std::min<int64_t>(left, kFrame48k)), {}));
    }
    return {};
  }

  Result<void> decode(const std::string& packet, int length, std::optional<int64_t> keep) {
    pcm_.resize(size_t(kMaxPacketSamples / ratio_ * head_.channels));
    int got = OPUS_INVALID_PACKET;
    if (length_of(packet) == length) {
      got = opus_multistream_decode(decoder_.get(),
                                    reinterpret_cast<const unsigned char*>(packet.data()),
                                    opus_int32(packet.size()), pcm_.data(), length / ratio_, 0);
    }
    if (got != length / ratio_) {
      ++concealed_;
      got = opus_multistream_decode(decoder_.get(), nullptr, 0, pcm_.data(), length / ratio_, 0);
      if (got != length / ratio_) std::fill(pcm_.begin(), pcm_.end(), opus_int16(0));
    }
    return give(length, keep);
  }

  // Hands on so many samples of pcm_, without the pre-skip and without what lies past keep.
  Result<void> give(int length, std::optional<int64_t> keep) {
    const int64_t begin = decoded_;
    decoded_ += length;
    const int64_t stop = keep ? std::min(decoded_, *keep) : decoded_;
    const int64_t start = std::max<int64_t>(begin, std::min<int64_t>(to_skip_, decoded_));
    if (start >= stop) return {};
    const auto first = size_t((start - begin) / ratio_);
    // Rounded by position, not by length, so that roundings never add up.
    const auto last = size_t((stop - begin + ratio_ - 1) / ratio_);
    const auto channels = size_t(head_.channels);
    const std::span<const int16_t> all(pcm_);
    given_ += int64_t(last - first);
    return sink_.samples(all.subspan(first * channels, (last - first) * channels));
  }

  void close_link() {
    if (links_ == 0 || decoded_ == 0) return;
    if (!ended_) sink_.warn("cut short at " + seconds(decoded_) + ": it has no last page");
  }

  Result<void> end() {
    if (links_ == 0) {
      return Error{"E_CODEC", "reading Ogg: no Opus stream in it; export the call as Opus or WAV"};
    }
    close_link();
    if (decoded_ > 0 && given_ == 0 && links_ == 1) {
      return Error{"E_HEADER", "reading the Opus header: pre-skip is " +
                                   std::to_string(head_.pre_skip) + ", longer than the " +
                                   std::to_string(decoded_) +
                                   " samples in the file; export the call again"};
    }
    if (given_ == 0) {
      return Error{"E_EMPTY", "reading Opus: headers and no audio; nothing to import"};
    }
    tell(skipped_bytes_, " bytes were no Ogg page and were passed over");
    tell(bad_versions_, " pages of an unknown Ogg version were passed over");
    tell(packets_.dropped(), " packets without a beginning or an end were dropped");
    tell(concealed_, " packets could not be decoded and were concealed");
    tell(bad_granules_, " page times contradict the samples: the samples were counted instead");
    if (other_streams_) sink_.warn("other streams in this file were not read");
    if (links_ > 1) sink_.warn(std::to_string(links_) + " recordings in this file were joined");
    return {};
  }

  void tell(int64_t count, const char* what) {
    if (count > 0) sink_.warn(std::to_string(count) + what);
  }

  OggPages pages_;
  PcmSink& sink_;
  PagePackets packets_;
  std::unique_ptr<OpusMSDecoder, CloseDecoder> decoder_;
  std::vector<int16_t> pcm_;
  OpusHead head_;
  int rate_hz_ = 48000;
  int ratio_ = 1;  // 48 kHz to the rate decoded at

  // The link being read.
  std::optional<uint32_t> serial_;
  uint32_t expected_ = 0;
  bool tags_pending_ = true;
  bool ended_ = false;
  int64_t audio_pages_ = 0;
  std::optional<int64_t> base_;  // granule position of the first sample
  int64_t decoded_ = 0;
  int64_t to_skip_ = 0;
  bool hole_pending_ = false;  // until a page tells how long it is
  int last_length_ = kFrame48k;
  std::vector<int> lengths_;  // of the packets of a page

  // The whole file.
  bool stopped_ = false;
  bool other_streams_ = false;
  int links_ = 0;
  int64_t given_ = 0;  // at rate_hz_
  int64_t skipped_bytes_ = 0, bad_versions_ = 0, concealed_ = 0, bad_granules_ = 0;
};

}  // namespace

Result<void> decode_ogg_opus(ByteSource source, PcmSink& sink) {
  return Decoding(std::move(source), sink).run();
}

}  // namespace earful::recorder
