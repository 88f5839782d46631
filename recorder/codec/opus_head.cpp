#include "recorder/codec/opus_head.h"

#include <opus/opus.h>

namespace earful::recorder {
namespace {

constexpr std::string_view kHeadMagic = "OpusHead";
constexpr std::string_view kTagsMagic = "OpusTags";
constexpr size_t kHeadBytes = 19;
constexpr int kMaxPreSkip = 48000;  // a second; encoders ask for 4 to 80 ms

void append(uint32_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(char(uint8_t(value >> (8 * i))));
}

void append_text(std::string_view text, std::string& out) {
  append(uint32_t(text.size()), 4, out);
  out += text;
}

uint32_t number(std::string_view packet, size_t at, size_t bytes) {
  uint32_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | uint8_t(packet[at + i]);
  return value;
}

Error refuse(std::string_view field, int64_t value, std::string_view why) {
  return {"E_HEADER", "reading the Opus header: " + std::string(field) + " is " +
                          std::to_string(value) + ", " + std::string(why) +
                          "; export the call again"};
}

Result<void> parse_mapping(std::string_view packet, OpusHead& head) {
  if (head.mapping_family == 0) {
    head.streams = 1;
    head.coupled = head.channels - 1;
    return {};
  }
  if (packet.size() < kHeadBytes + 2 + size_t(head.channels)) {
    return refuse("its length", int64_t(packet.size()), "too short for its channel mapping");
  }
  head.streams = uint8_t(packet[19]);
  head.coupled = uint8_t(packet[20]);
  if (head.streams < 1 || head.streams > head.channels) {
    return refuse("stream count", head.streams, "not one or one per channel");
  }
  if (head.coupled > head.streams || head.coupled + head.streams > head.channels) {
    return refuse("coupled count", head.coupled, "more than there are channels for");
  }
  for (size_t i = 0; i < size_t(head.channels); ++i) {
    head.mapping[i] = uint8_t(packet[21 + i]);
    if (head.mapping[i] >= head.streams + head.coupled) {
      return refuse("channel mapping", head.mapping[i], "a stream that is not there");
    }
  }
  return {};
}

}  // namespace

OpusHead head_of_call(int legs, int pre_skip, int rate_hz) {
  OpusHead head;
  head.channels = legs;
  head.pre_skip = pre_skip;
  head.input_rate_hz = uint32_t(rate_hz);
  head.mapping_family = legs == 1 ? 0 : 1;
  head.streams = legs;
  head.coupled = 0;
  return head;
}

std::string encode_opus_head(const OpusHead& head) {
  std::string out(kHeadMagic);
  append(1, 1, out);
  append(uint32_t(head.channels), 1, out);
  append(uint32_t(head.pre_skip), 2, out);
  append(head.input_rate_hz, 4, out);
  append(uint32_t(head.gain_q8), 2, out);
  append(uint32_t(head.mapping_family), 1, out);
  if (head.mapping_family == 0) return out;
  append(uint32_t(head.streams), 1, out);
  append(uint32_t(head.coupled), 1, out);
  for (int i = 0; i < head.channels; ++i) append(head.mapping[size_t(i)], 1, out);
  return out;
}

bool looks_like_opus_head(std::string_view packet) { return packet.starts_with(kHeadMagic); }

Result<OpusHead> parse_opus_head(std::string_view packet) {
  if (!looks_like_opus_head(packet)) return refuse("its magic", 0, "not OpusHead");
  if (packet.size() < kHeadBytes) {
    return refuse("its length", int64_t(packet.size()), "shorter than 19 bytes");
  }
  OpusHead head;
  // The upper four bits are the incompatible part of the version.
  const int version = uint8_t(packet[8]);
  if (version >> 4 != 0) return refuse("version", version, "which this program cannot read");
  head.channels = uint8_t(packet[9]);
  head.mapping_family = uint8_t(packet[18]);
  if (head.mapping_family > 1) {
    return refuse("channel mapping family", head.mapping_family, "neither 0 nor 1");
  }
  if (head.channels < 1 || head.channels > 2) {
    return refuse("channel count", head.channels, "a call has one or two legs");
  }
  head.pre_skip = int(number(packet, 10, 2));
  if (head.pre_skip > kMaxPreSkip) return refuse("pre-skip", head.pre_skip, "over a second");
  head.input_rate_hz = number(packet, 12, 4);
  head.gain_q8 = int16_t(number(packet, 16, 2));
  EARFUL_TRY(parse_mapping(packet, head));
  return head;
}

std::string encode_opus_tags() {
  std::string out(kTagsMagic);
  append_text(opus_get_version_string(), out);
  append(1, 4, out);
  append_text("ENCODER=earful", out);
  return out;
}

}  // namespace earful::recorder
