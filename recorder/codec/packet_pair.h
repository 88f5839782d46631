// Two Opus packets in one, as Ogg Opus lays the streams of a call with two legs (RFC 7845, 3: every
// stream but the last is self-delimited, RFC 6716 appendix B). No state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace earful::recorder {

// The longest packet Opus can make of 120 ms, with its padding counted out (RFC 7845, 3).
inline constexpr size_t kMaxPacketBytes = 61440;

struct PacketPair {
  std::string first;  // an ordinary packet again
  std::string_view second;
};

// Appends the first packet, self-delimited, and then the second to out. False: one of our own
// packets is not a packet; nothing was appended.
bool join_packets(std::string_view first, std::string_view second, std::string& out);

// Nothing for what cannot be two packets. The second points into joined.
std::optional<PacketPair> split_packets(std::string_view joined);

}  // namespace earful::recorder
