#include "recorder/codec/packet_pair.h"

#include <opus/opus.h>

#include <array>
#include <cstdint>

namespace earful::recorder {
namespace {

constexpr int kMaxFrames = 48;  // in a packet (RFC 6716, 3.2.5)
constexpr size_t kMaxFrameBytes = 1275;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// A frame length in one or two bytes (RFC 6716, 3.1).
void append_length(size_t length, std::string& out) {
  if (length < 252) {
    out.push_back(char(uint8_t(length)));
    return;
  }
  const size_t first = 252 + (length & 3);
  out.push_back(char(uint8_t(first)));
  out.push_back(char(uint8_t((length - first) / 4)));
}

// Takes bytes from the front and remembers when there were too few.
class Front {
 public:
  explicit Front(std::string_view bytes) : bytes_(bytes) {}
  uint8_t byte() {
    if (at_ >= bytes_.size()) {
      short_ = true;
      return 0;
    }
    return uint8_t(bytes_[at_++]);
  }
  size_t length() {
    const size_t first = byte();
    return first < 252 ? first : first + size_t(byte()) * 4;
  }
  bool skip(size_t count) {
    if (count > bytes_.size() - at_) short_ = true;
    if (!short_) at_ += count;
    return !short_;
  }
  size_t at() const { return at_; }
  bool too_short() const { return short_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool short_ = false;
};

struct Layout {
  size_t extra_at = 0;     // where the length that delimits the packet stands
  size_t extra_bytes = 0;  // and how long it is
  size_t end = 0;          // of the whole packet
};

std::optional<Layout> self_delimited_layout(std::string_view bytes) {
  Front front(bytes);
  const uint8_t code = front.byte() & 3;
  size_t padding = 0;
  size_t earlier = 0;       // bytes of the frames before the last
  size_t equal_frames = 1;  // frames as long as the last one
  if (code == 1) equal_frames = 2;
  if (code == 2) earlier = front.length();
  if (code == 3) {
    const uint8_t count = front.byte();
    const size_t frames = count & 0x3f;
    if (frames == 0 || frames > kMaxFrames) return std::nullopt;
    if (count & 0x40) {
      uint8_t piece;
      do {
        piece = front.byte();
        padding += piece == 255 ? 254 : piece;
      } while (piece == 255 && !front.too_short());
    }
    if (count & 0x80) {
      for (size_t i = 0; i + 1 < frames; ++i) earlier += front.length();
    } else {
      equal_frames = frames;
    }
  }
  Layout layout;
  layout.extra_at = front.at();
  const size_t last = front.length();
  layout.extra_bytes = front.at() - layout.extra_at;
  if (last > kMaxFrameBytes) return std::nullopt;
  if (!front.skip(earlier + last * equal_frames + padding)) return std::nullopt;
  layout.end = front.at();
  return layout;
}

}  // namespace

bool join_packets(std::string_view first, std::string_view second, std::string& out) {
  std::array<opus_int16, kMaxFrames> sizes{};
  uint8_t toc = 0;
  int payload = 0;
  const int frames = opus_packet_parse(bytes_of(first), opus_int32(first.size()), &toc, nullptr,
                                       sizes.data(), &payload);
  if (frames <= 0 || second.empty()) return false;
  out.append(first.substr(0, size_t(payload)));
  append_length(size_t(sizes[size_t(frames) - 1]), out);
  out.append(first.substr(size_t(payload)));
  out.append(second);
  return true;
}

std::optional<PacketPair> split_packets(std::string_view joined) {
  const auto layout = self_delimited_layout(joined);
  if (!layout || layout->end >= joined.size()) return std::nullopt;
  PacketPair pair;
  pair.first = joined.substr(0, layout->extra_at);
  const size_t rest = layout->extra_at + layout->extra_bytes;
  pair.first += joined.substr(rest, layout->end - rest);
  pair.second = joined.substr(layout->end);
  return pair;
}

}  // namespace earful::recorder
