#include "base/text.h"

#include <cstdint>

namespace earful {
namespace {

// How many bytes the control at the beginning of the text takes; 0 for anything else.
size_t control_size(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
  if (at(0) < 0x20 || at(0) == 0x7F) return 1;
  if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) <= 0x9F) return 2;
  if (at(0) != 0xE2) return 0;
  const bool line_or_override = at(1) == 0x80 && at(2) >= 0xA8 && at(2) <= 0xAE;
  const bool isolate = at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9;
  return line_or_override || isolate ? 3 : 0;
}

}  // namespace

bool has_controls(std::string_view utf8) {
  for (size_t i = 0; i < utf8.size(); ++i) {
    if (control_size(utf8.substr(i)) > 0) return true;
  }
  return false;
}

std::string without_controls(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size();) {
    const size_t size = control_size(utf8.substr(i));
    out += size > 0 ? '?' : utf8[i];
    i += size > 0 ? size : 1;
  }
  return out;
}

}  // namespace earful
