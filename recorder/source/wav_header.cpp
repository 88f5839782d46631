#include "recorder/source/wav_header.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include "recorder/source/pcm_sink.h"

namespace earful::recorder {
namespace {

constexpr int64_t kRiffHeaderBytes = 12;
constexpr int64_t kChunkHeaderBytes = 8;
constexpr size_t kFmtBytes = 16;
constexpr size_t kExtensibleBytes = 40;
constexpr uint32_t kUnknownSize = 0xffffffff;
// sox and others write about this where a pipe hides the length.
constexpr uint32_t kStreamedSize = 0x7fff0000;
constexpr int64_t kSearchBytes = 64 * 1024;  // for the data chunk behind a broken one

constexpr uint16_t kTagExtensible = 0xfffe;
constexpr uint16_t kTagGsm = 0x31;
// The tail all the usual sub-formats share (KSDATAFORMAT_SUBTYPE_*).
constexpr std::string_view kGuidTail("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71",
                                     14);

uint64_t number(std::string_view bytes, size_t at, size_t length) {
  uint64_t value = 0;
  for (size_t i = length; i-- > 0;) value = value << 8 | uint8_t(bytes[at + i]);
  return value;
}

Error header_error(const std::string& field, uint64_t value, const char* why) {
  return {"E_HEADER", "reading the WAV header: " + field + " is " + std::to_string(value) + ", " +
                          why + "; export the call again"};
}

std::string coding_name(uint16_t tag) {
  switch (tag) {
    case 0x02:
      return "Microsoft ADPCM";
    case 0x11:
      return "IMA ADPCM";
    case 0x14:
    case 0x40:
      return "G.721/G.723 ADPCM";
    case 0x50:
      return "MPEG audio";
    case 0x55:
      return "MP3 in WAV";
    case 0x83:
      return "G.729";
    case 0x161:
      return "Windows Media Audio";
    default: {
      char text[32];
      std::snprintf(text, sizeof text, "coding 0x%04x", unsigned(tag));
      return text;
    }
  }
}

Error coding_error(const std::string& name) {
  return {"E_CODEC", "reading the WAV header: the samples are " + name +
                         ", which is not read; export the call as PCM, mu-law or A-law"};
}

class Walk {
 public:
  Walk(const ReadAt& read_at, int64_t file_bytes) : read_at_(read_at), end_(file_bytes) {}

  Result<WavLayout> run() {
    if (end_ == 0) return Error{"E_EMPTY", "reading WAV: the file is empty; nothing to import"};
    if (end_ < kRiffHeaderBytes) return too_short(end_);
    const std::string head = bytes(0, size_t(kRiffHeaderBytes));
    if (head.size() < size_t(kRiffHeaderBytes)) return too_short(end_);
    if (head.substr(8, 4) != "WAVE") {
      return Error{"E_CODEC", "reading RIFF: it holds \"" + printable(head.substr(8, 4)) +
                                  "\", not WAVE; export the call as WAV"};
    }
    const auto riff_size = uint32_t(number(head, 4, 4));
    if (head.starts_with("RIFF") && (riff_size == 0 || riff_size == kUnknownSize)) {
      streamed_ = true;
      warn("the header gives no length, as streamed files do: the file's own was used");
    }
    EARFUL_TRY(chunks());
    if (!has_fmt_)
      return Error{"E_SHORT", "reading WAV: there is no format chunk; export the call again"};
    if (!data_offset_) {
      return Error{"E_EMPTY", "reading WAV: there is no data chunk; nothing to import"};
    }
    return finish();
  }

 private:
  std::string bytes(int64_t at, size_t count) const {
    std::string out(count, '\0');
    out.resize(read_at_(at, out));
    return out;
  }

  static std::string printable(std::string text) {
    for (char& c : text) {
      if (c < ' ' || c > '~') c = '?';
    }
    return text;
  }

  static Error too_short(int64_t at) {
    return {"E_SHORT", "reading WAV: the file ends after " + std::to_string(at) +
                           " bytes, inside a header; copy it again"};
  }

  void warn(const std::string& what) { layout_.warnings.push_back(what); }

  Result<void> chunks() {
    int64_t at = kRiffHeaderBytes;
    for (int count = 0; at + kChunkHeaderBytes <= end_; ++count) {
      if (count == kMaxWavChunks) {
        return Error{"E_CHUNKS", "reading WAV: more than " + std::to_string(kMaxWavChunks) +
                                     " chunks at byte " + std::to_string(at) +
                                     "; export the call again"};
      }
      const std::string head = bytes(at, size_t(kChunkHeaderBytes));
      if (head.size() < size_t(kChunkHeaderBytes)) return {};
      const std::string id = head.substr(0, 4);
      const auto length = int64_t(number(head, 4, 4));
      const int64_t body = at + kChunkHeaderBytes;
      EARFUL_ASSIGN(const int64_t taken, take(id, body, length));
      at = body + taken;
      if (taken % 2 == 1 && at < end_ && !missing_pad(at)) ++at;
    }
    return {};
  }

  // Odd chunks are padded; some writers forget. Then a chunk's name stands where the pad should.
  bool missing_pad(int64_t at) {
    static constexpr std::array<std::string_view, 4> kUsual = {"data", "fmt ", "LIST", "fact"};
    const std::string next = bytes(at, 5);
    if (next.size() < 5) return false;
    const bool named =
        std::all_of(next.begin(), next.begin() + 4, [](char c) { return c >= ' ' && c <= '~'; });
    const bool padded =
        std::find(kUsual.begin(), kUsual.end(), std::string_view(next).substr(1)) != kUsual.end();
    if (!named || padded) return false;
    warn("a chunk of odd length has no pad byte");
    return true;
  }

  // How many bytes of the body to pass over.
  Result<int64_t> take(const std::string& id, int64_t body, int64_t length) {
    if (id == "fmt ") {
      EARFUL_TRY(take_fmt(body, length));
    } else if (id == "ds64") {
      const std::string sizes = bytes(body, 16);
      if (sizes.size() == 16) ds64_data_ = number(sizes, 8, 8);
    } else if (id == "data") {
      return take_data(body, length);
    } else if (body + length > end_ && !data_offset_) {
      return search(id, body);
    }
    return std::min(length, end_ - body);
  }

  Result<int64_t> take_data(int64_t body, int64_t length) {
    if (data_offset_) {
      warn("there is a second data chunk: only the first was read");
      return std::min(length, end_ - body);
    }
    data_offset_ = body;
    data_claim_ = uint64_t(length);
    if (length == kUnknownSize && ds64_data_) data_claim_ = *ds64_data_;
    const bool no_length = length >= kStreamedSize || (length == 0 && streamed_);
    if (no_length && !ds64_data_) {
      if (!streamed_ && body + length > end_) {
        warn("the data chunk gives no length, as streamed files do: the file's own was used");
      }
      if (body + length > end_ || length == 0) data_claim_ = uint64_t(end_ - body);
    }
    data_bytes_ = int64_t(std::min<uint64_t>(data_claim_, uint64_t(end_ - body)));
    return data_bytes_;
  }

  // Behind a chunk that runs past the end the data chunk may still stand.
  Result<int64_t> search(const std::string& id, int64_t body) {
    const std::string near = bytes(body, size_t(std::min(kSearchBytes, end_ - body)));
    const size_t data = std::min(near.find("data"), near.find("fmt "));
    warn("chunk \"" + printable(id) + "\" runs past the end of the file");
    // An odd distance would be read as a missing pad byte.
    if (data == std::string::npos) return end_ - body;
    return int64_t(data);
  }

  Result<void> take_fmt(int64_t body, int64_t length) {
    if (has_fmt_) {
      return Error{"E_HEADER", "reading WAV: there are two format chunks, the second at byte " +
                                   std::to_string(body) + "; export the call again"};
    }
    has_fmt_ = true;
    const auto take = size_t(std::min<int64_t>(length, int64_t(kExtensibleBytes)));
    const std::string fmt = bytes(body, take);
    if (fmt.size() < kFmtBytes) return too_short(end_);
    auto tag = uint16_t(number(fmt, 0, 2));
    if (tag == kTagExtensible) {
      if (fmt.size() < kExtensibleBytes) return too_short(body + int64_t(fmt.size()));
      if (std::string_view(fmt).substr(26, 14) != kGuidTail) {
        return coding_error("an extensible coding with an unknown GUID");
      }
      tag = uint16_t(number(fmt, 24, 2));
    }
    EARFUL_TRY(take_coding(tag));
    const uint64_t channels = number(fmt, 2, 2);
    const uint64_t rate = number(fmt, 4, 4);
    const uint64_t align = number(fmt, 12, 2);
    const uint64_t bits = number(fmt, 14, 2);
    if (channels == 0 || channels > uint64_t(kMaxChannels)) {
      return header_error("the channel count", channels, "a call has one or two");
    }
    if (rate < uint64_t(kMinRateHz) || rate > uint64_t(kMaxRateHz)) {
      return header_error("the sample rate", rate, "outside 4,000 to 192,000 Hz");
    }
    layout_.channels = int(channels);
    layout_.rate_hz = int(rate);
    layout_.bits = int(bits);
    if (layout_.coding == WavCoding::kGsm) return {};
    if (!bits_fit(bits))
      return header_error("bits per sample", bits, "which this coding never has");
    if (align != channels * bits / 8) {
      return header_error("the block alignment", align, "not channels x bits / 8");
    }
    return {};
  }

  Result<void> take_coding(uint16_t tag) {
    switch (tag) {
      case 1:
        layout_.coding = WavCoding::kPcm;
        return {};
      case 3:
        layout_.coding = WavCoding::kFloat;
        return {};
      case 6:
        layout_.coding = WavCoding::kALaw;
        return {};
      case 7:
        layout_.coding = WavCoding::kMuLaw;
        return {};
      case kTagGsm:
        layout_.coding = WavCoding::kGsm;
        return {};
      default:
        return coding_error(coding_name(tag));
    }
  }

  bool bits_fit(uint64_t bits) const {
    switch (layout_.coding) {
      case WavCoding::kPcm:
        return bits == 8 || bits == 16 || bits == 24 || bits == 32;
      case WavCoding::kFloat:
        return bits == 32 || bits == 64;
      default:
        return bits == 8;
    }
  }

  Result<WavLayout> finish() {
    layout_.data_offset = *data_offset_;
    layout_.data_bytes = data_bytes_;
    const bool gsm = layout_.coding == WavCoding::kGsm;
    const int64_t frame = gsm ? 1 : layout_.frame_bytes();
    layout_.data_bytes -= layout_.data_bytes % frame;
    if (layout_.data_bytes == 0) {
      return Error{"E_EMPTY", "reading WAV: the data chunk holds no samples; nothing to import"};
    }
    if (data_claim_ > uint64_t(data_bytes_)) {
      char text[160];
      const double rate = gsm ? 1625.0 : double(layout_.rate_hz) * double(frame);
      std::snprintf(text, sizeof text,
                    "truncated: the header promises %.1f s, the file holds %.1f s and ends there",
                    double(data_claim_) / rate, double(data_bytes_) / rate);
      warn(text);
    }
    return std::move(layout_);
  }

  const ReadAt& read_at_;
  int64_t end_;
  WavLayout layout_;
  bool streamed_ = false;
  bool has_fmt_ = false;
  std::optional<int64_t> data_offset_;
  std::optional<uint64_t> ds64_data_;
  uint64_t data_claim_ = 0;
  int64_t data_bytes_ = 0;
};

}  // namespace

Result<WavLayout> walk_wav(const ReadAt& read_at, int64_t file_bytes) {
  return Walk(read_at, file_bytes).run();
}

}  // namespace earful::recorder
