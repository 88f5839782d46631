// Ogg Opus files for tests, right and wrong ones, page by page.
#pragma once

#include <ogg/ogg.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "recorder/codec/leg_encoder.h"
#include "recorder/codec/ogg_opus_decoder.h"
#include "recorder/codec/opus_head.h"
#include "tests/recorder/memory_sink.h"

namespace earful::recorder {

struct PageSpec {
  int64_t granule = 0;
  uint32_t sequence = 0;
  uint32_t serial = 7;
  int flags = 0;  // 1 continued, 2 first, 4 last
  int version = 0;
};

inline void put_little(std::string& page, size_t at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) page[at + i] = char(uint8_t(value >> (8 * i)));
}

// A page of this lacing (RFC 3533, 6), with its checksum.
inline std::string raw_page(const PageSpec& spec, const std::string& lacing,
                            const std::string& body) {
  std::string page = "OggS" + std::string(23, '\0') + lacing;
  page[4] = char(spec.version);
  page[5] = char(spec.flags);
  put_little(page, 6, uint64_t(spec.granule), 8);
  put_little(page, 14, spec.serial, 4);
  put_little(page, 18, spec.sequence, 4);
  page[26] = char(uint8_t(lacing.size()));
  ogg_page whole{};
  whole.header = reinterpret_cast<unsigned char*>(page.data());
  whole.header_len = long(page.size());
  std::string copy = body;
  whole.body = reinterpret_cast<unsigned char*>(copy.data());
  whole.body_len = long(copy.size());
  ogg_page_checksum_set(&whole);
  return page + body;
}

inline std::string page(const PageSpec& spec, const std::vector<std::string>& packets) {
  std::string lacing;
  std::string body;
  for (const std::string& packet : packets) {
    lacing.append(packet.size() / 255, '\xff');
    lacing.push_back(char(uint8_t(packet.size() % 255)));
    body += packet;
  }
  return raw_page(spec, lacing, body);
}

// Mono 20 ms packets at 8 kHz of a 440 Hz tone, as an encoder makes them.
inline std::vector<std::string> tone_packets(size_t count) {
  LegEncoder encoder = LegEncoder::make(8000, {}).value();
  std::vector<std::string> packets;
  for (size_t n = 0; n < count; ++n) {
    std::vector<int16_t> frame(160);
    for (size_t i = 0; i < frame.size(); ++i) {
      frame[i] = int16_t(8000 * std::sin(2 * M_PI * 440 * double(n * 160 + i) / 8000));
    }
    packets.emplace_back(encoder.encode(frame).value());
  }
  return packets;
}

inline constexpr int kPreSkip = 312;

inline OpusHead tone_head() {
  OpusHead head;
  head.pre_skip = kPreSkip;
  head.input_rate_hz = 8000;
  return head;
}

// The pages of a good file: two headers and `pages` pages of five packets (100 ms, 4,800 samples).
inline std::vector<std::string> tone_pages(size_t pages, uint32_t serial = 7,
                                           const OpusHead& head = tone_head()) {
  const auto packets = tone_packets(pages * 5);
  std::vector<std::string> out;
  out.push_back(page({.serial = serial, .flags = 2}, {encode_opus_head(head)}));
  out.push_back(page({.sequence = 1, .serial = serial}, {encode_opus_tags()}));
  for (size_t n = 0; n < pages; ++n) {
    const auto from = packets.begin() + std::ptrdiff_t(n * 5);
    const PageSpec spec{int64_t(n + 1) * 4800, uint32_t(n + 2), serial, n + 1 == pages ? 4 : 0, 0};
    out.push_back(page(spec, {from, from + 5}));
  }
  return out;
}

inline std::string joined(const std::vector<std::string>& pages) {
  std::string file;
  for (const std::string& one : pages) file += one;
  return file;
}

struct Decoded {
  Result<void> result;
  MemorySink sink;
  // At 48 kHz per channel, without the pre-skip, which a good file of n pages has in its first
  // page.
  int64_t samples() const { return int64_t(sink.pcm.size()) * 6; }
};

inline Decoded decoded(const std::string& file) {
  MemorySink sink;
  size_t at = 0;
  const ByteSource source = [&](std::span<char> out) {
    const size_t count = std::min({out.size(), file.size() - at, size_t(1000)});
    std::memcpy(out.data(), file.data() + at, count);
    at += count;
    return count;
  };
  Result<void> result = decode_ogg_opus(source, sink);
  return {std::move(result), std::move(sink)};
}

}  // namespace earful::recorder
