#include "recorder/codec/salvage.h"

#include <ogg/ogg.h>

#include <algorithm>

#include "base/check.h"
#include "recorder/codec/packet_pair.h"
#include "recorder/codec/page_packets.h"
#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

constexpr uint32_t kFirstAudioPage = 2;
constexpr int64_t kPagePositions = kPacketsPerPage * kFramePositions;
constexpr char kEndOfStream = 4;
constexpr size_t kFlagsAt = 5;
constexpr size_t kSegmentsAt = 26;

size_t packets_on(const OggPage& page) {
  return size_t(std::count_if(page.lacing.begin(), page.lacing.end(),
                              [](uint8_t piece) { return piece < 255; }));
}

// The pages of one call, in order, and none other.
class CallPages {
 public:
  explicit CallPages(ByteSource file) : pages_(std::move(file)) {}

  std::optional<OggPage> next() {
    while (!ended_) {
      const auto page = pages_.next();
      if (!page) break;
      if (!fits(*page)) continue;
      serial_ = page->serial;
      next_ = page->sequence + 1;
      ended_ = page->last;
      return page;
    }
    return std::nullopt;
  }
  int64_t offset() const { return pages_.offset(); }

 private:
  bool fits(const OggPage& page) const {
    if (page.version != 0 || page.continued || page.lacing.empty()) return false;
    if (page.lacing.back() == 255) return false;  // no packet of ours runs on
    if (serial_ && page.serial != *serial_) return false;
    if (page.sequence < next_ || page.sequence - next_ > kMaxMissingPages) return false;
    if (page.sequence < kFirstAudioPage) return page.granule == 0 && packets_on(page) == 1;
    const int64_t begin = int64_t(page.sequence - kFirstAudioPage) * kPagePositions;
    const int64_t end = begin + int64_t(packets_on(page)) * kFramePositions;
    // The last page may be short, and its last packet kept in part.
    if (page.last) return page.granule > 0 && page.granule <= end && end <= begin + kPagePositions;
    return page.granule == end && end == begin + kPagePositions;
  }

  OggPages pages_;
  std::optional<uint32_t> serial_;
  uint32_t next_ = 0;
  bool ended_ = false;
};

// A frame the decoder fills by itself, in the manner of a packet beside it.
std::string silent_packet(const std::string& like, int legs) {
  // Only the first byte, and of its low bits zero: one frame, of no bytes (RFC 6716, 3.1, 3.2.1).
  const auto silent = [](std::string_view packet) {
    return std::string(1, char(packet[0] & 0xFC));
  };
  if (legs == 1) return like.empty() ? std::string() : silent(like);
  const auto pair = split_packets(like);
  std::string joined;
  if (pair && !pair->first.empty() && !pair->second.empty()) {
    EARFUL_CHECK(join_packets(silent(pair->first), silent(pair->second), joined));
  }
  return joined;
}

}  // namespace

Salvage look_for_pages(ByteSource file, const OpusHead& expected) {
  Salvage found;
  CallPages pages(std::move(file));
  PagePackets packets;
  uint32_t wanted = 0;
  int64_t end = 0;  // of the last page, as a granule
  std::vector<std::pair<uint32_t, uint32_t>> missing;
  while (const auto page = pages.next()) {
    found.serial = page->serial;
    if (page->sequence == 0) {
      const auto& head = packets.take(*page, true);
      if (const auto read = parse_opus_head(head.at(0)); read.ok()) found.head = *read;
    }
    if (page->sequence != wanted || pages.offset() != found.last_end) found.in_place = false;
    const uint32_t first = std::max(wanted, kFirstAudioPage);
    if (page->sequence > first) missing.emplace_back(first, page->sequence);
    wanted = page->sequence + 1;
    end = page->granule;
    found.ended = page->last;
    found.last_begin = pages.offset();
    found.last_end = found.last_begin + int64_t(27 + page->lacing.size() + page->body.size());
  }
  if (!found.head) found.in_place = false;
  const int64_t pre_skip = found.head.value_or(expected).pre_skip;
  found.duration = wanted > kFirstAudioPage ? std::max<int64_t>(end - pre_skip, 0) : 0;
  for (const auto& [from, to] : missing) {
    const auto place = [&](uint32_t page) {
      const int64_t at = int64_t(page - kFirstAudioPage) * kPagePositions - pre_skip;
      return std::clamp<Position>(at, 0, found.duration);
    };
    found.holes.push_back({place(from), place(to)});
  }
  return found;
}

std::string as_last_page(std::string_view page) {
  std::string marked(page);
  EARFUL_CHECK(marked.size() > kSegmentsAt);
  const size_t header = kSegmentsAt + 1 + uint8_t(marked[kSegmentsAt]);
  EARFUL_CHECK(marked.size() >= header);
  marked[kFlagsAt] = char(marked[kFlagsAt] | kEndOfStream);
  ogg_page raw{};
  raw.header = reinterpret_cast<unsigned char*>(marked.data());
  raw.header_len = long(header);
  raw.body = raw.header + header;
  raw.body_len = long(marked.size() - header);
  ogg_page_checksum_set(&raw);
  return marked;
}

Result<void> write_salvaged(ByteSource file, const OpusHead& head, const Salvage& found,
                            ByteSink sink) {
  OggWriter out(head, found.serial, std::move(sink));
  CallPages pages(std::move(file));
  PagePackets packets;
  uint32_t wanted = kFirstAudioPage;
  while (const auto page = pages.next()) {
    if (page->sequence < kFirstAudioPage) continue;
    const auto& whole = packets.take(*page, true);
    for (; wanted < page->sequence; ++wanted) {
      const std::string silent = silent_packet(whole.at(0), head.channels);
      for (int i = 0; i < kPacketsPerPage; ++i) {
        EARFUL_TRY(out.write(silent, int(kFramePositions)));
      }
    }
    for (const std::string& packet : whole) EARFUL_TRY(out.write(packet, int(kFramePositions)));
    ++wanted;
  }
  return out.finish(found.duration);
}

}  // namespace earful::recorder
