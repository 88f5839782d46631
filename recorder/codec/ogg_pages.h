// Ogg pages out of bytes that may be damaged (RFC 3533). Bytes between good pages (wrong CRC,
// zeros, a cut) are passed over and counted. No thread of its own; one owner; never holds more than
// a page.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace earful::recorder {

// Fills the span and says how many bytes it got; 0 at the end.
using ByteSource = std::function<size_t(std::span<char>)>;

struct OggPage {
  uint32_t serial = 0;
  uint32_t sequence = 0;
  int64_t granule = -1;  // -1: no packet ends here
  int version = 0;
  bool continued = false;  // begins inside a packet
  bool first = false;
  bool last = false;
  std::span<const uint8_t> lacing;
  std::string_view body;  // both valid until the next call
};

// What the end of the bytes means: where the file still grows, a page that is not all there yet is
// given once it is.
enum class OggTail { kFinal, kGrows };

class OggPages {
 public:
  explicit OggPages(ByteSource source, OggTail tail = OggTail::kFinal);
  ~OggPages();

  std::optional<OggPage> next();
  // Bytes passed over since the last page but one.
  int64_t skipped() const { return skipped_; }
  // Where the page just given begins.
  int64_t offset() const { return offset_; }

 private:
  struct Sync;
  ByteSource source_;
  OggTail tail_;
  std::unique_ptr<Sync> sync_;
  int64_t skipped_ = 0;
  int64_t offset_ = 0;
  int64_t end_ = 0;
};

}  // namespace earful::recorder
