// Small grammars of HTTP, as pure functions. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/http_message.h"

namespace earful {

// "a=1&b=x%20y": nothing when an escape is broken, a name occurs twice, or what it decodes to holds
// a NUL or is not UTF-8.
std::optional<HttpFields> parse_query(std::string_view text);

bool is_utf8(std::string_view text);

// A JSON string with its quotes. The text must be UTF-8; other bytes come out as U+FFFD.
std::string json_quoted(std::string_view text);

// What a Range header (RFC 9110, 14.2) asks of a body of this size.
struct ByteRange {
  enum class Kind { kWhole, kPart, kUnsatisfiable };
  Kind kind = Kind::kWhole;
  uint64_t first = 0;
  uint64_t last = 0;  // inclusive
};
// Several ranges, another unit, or what is no range at all: the whole body, as RFC 9110 allows. A
// range that begins past the end is unsatisfiable, and so is one counted from the end ("-500"): no
// player asks for it, and a negative place is how a miscounting client shows.
ByteRange parse_range(std::string_view header, uint64_t size);

// True if an If-None-Match header names this entity tag or "*".
bool etag_matches(std::string_view header, std::string_view etag);

// "application/json; charset=utf-8" is of type "application/json".
bool is_media_type(std::string_view header, std::string_view type);

}  // namespace earful
