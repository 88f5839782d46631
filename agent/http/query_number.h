// A whole number in a query.
#pragma once

#include <charconv>
#include <string>
#include <type_traits>

namespace earful::agent {

// False where the text is no number from low to high.
template <typename Number>
bool read_number(const std::string& text, std::type_identity_t<Number> low,
                 std::type_identity_t<Number> high, Number& to) {
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, to);
  return fault == std::errc() && stop == end && to >= low && to <= high;
}

}  // namespace earful::agent
