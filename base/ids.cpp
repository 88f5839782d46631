#include "base/ids.h"

#include <mutex>
#include <span>

#include "base/check.h"
#include "base/hash.h"

namespace earful {
namespace {

void set_version(UuidBytes& bytes, uint8_t version) {
  bytes[6] = uint8_t((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = uint8_t((bytes[8] & 0x3f) | 0x80);
}

}  // namespace

UuidBytes make_uuid_v4() {
  UuidBytes bytes;
  fill_random(bytes);
  set_version(bytes, 4);
  return bytes;
}

UuidBytes make_uuid_v7(WallTime now) {
  // A mutex, not a queue: any thread may stamp an event, and the counter is all they share.
  static std::mutex mutex;
  static int64_t last_ms = 0;
  static uint32_t counter = 0;

  UuidBytes bytes;
  fill_random(bytes);
  int64_t ms = now.time_since_epoch().count();
  uint32_t sequence;
  {
    const std::lock_guard lock(mutex);
    if (ms > last_ms) {
      last_ms = ms;
      counter = (uint32_t(bytes[6]) << 8 | bytes[7]) & 0x7ff;  // half the range is left to count in
    } else if (++counter > 0xfff) {
      ++last_ms;
      counter = 0;
    }
    ms = last_ms;
    sequence = counter;
  }
  for (size_t i = 0; i < 6; ++i) bytes[i] = uint8_t(uint64_t(ms) >> (8 * (5 - i)));
  bytes[6] = uint8_t(sequence >> 8);
  bytes[7] = uint8_t(sequence);
  set_version(bytes, 7);
  return bytes;
}

UuidBytes make_uuid_v8(std::string_view digest) {
  EARFUL_CHECK(digest.size() >= 16);
  UuidBytes bytes;
  for (size_t i = 0; i < 16; ++i) bytes[i] = uint8_t(digest[i]);
  set_version(bytes, 8);
  return bytes;
}

std::string uuid_text(const UuidBytes& bytes) {
  std::string text = to_hex(bytes);
  for (size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

std::optional<UuidBytes> parse_uuid(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return std::nullopt;
  }
  std::string digits;
  for (char c : text) {
    if (c != '-') digits.push_back(c);
  }
  const auto raw = from_hex(digits);
  if (!raw || raw->size() != 16) return std::nullopt;
  UuidBytes bytes;
  for (size_t i = 0; i < 16; ++i) bytes[i] = uint8_t((*raw)[i]);
  return bytes;
}

}  // namespace earful
