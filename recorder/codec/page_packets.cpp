#include "recorder/codec/page_packets.h"

#include "recorder/codec/packet_pair.h"

namespace earful::recorder {

const std::vector<std::string>& PagePackets::take(const OggPage& page, bool after_hole) {
  packets_.clear();
  if (open_ && (after_hole || !page.continued)) {
    // Its rest is lost.
    if (!dropping_) ++dropped_;
    open_ = dropping_ = false;
    partial_.clear();
  }
  if (page.continued && !open_) {
    ++dropped_;
    open_ = dropping_ = true;
  }
  size_t at = 0;
  for (const uint8_t piece : page.lacing) {
    const std::string_view bytes = page.body.substr(at, piece);
    at += piece;
    if (!dropping_ && partial_.size() + bytes.size() > 2 * kMaxPacketBytes) {
      ++dropped_;
      dropping_ = true;
      partial_.clear();
    }
    if (!dropping_) partial_ += bytes;
    open_ = piece == 255;
    if (open_) continue;
    if (!dropping_) packets_.push_back(std::move(partial_));
    partial_.clear();
    dropping_ = false;
  }
  return packets_;
}

}  // namespace earful::recorder
