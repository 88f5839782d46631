#include "agent/http/listener_name.h"

#include <algorithm>

#include "base/http_syntax.h"

namespace earful::agent {

bool has_control_characters(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t byte = uint8_t(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // U+0080 to U+009F are C2 80 to C2 9F.
    if (byte == 0xc2 && i + 1 < text.size() && uint8_t(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

Result<std::string> checked_name(std::string name) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!name.empty() && blank(name.back())) name.pop_back();
  name.erase(name.begin(), std::find_if_not(name.begin(), name.end(), blank));
  if (name.empty() || name.size() > kMaxNameBytes || !is_utf8(name) ||
      has_control_characters(name)) {
    return Error{"E_NAME", "A name has 1 to 200 bytes of UTF-8 and no control characters."};
  }
  return name;
}

}  // namespace earful::agent
