// EARFUL_CHECK: our own bugs end the program, in release too, with file and line.
// Never for data that came from outside; that gets a Result.
#pragma once

#include <string_view>

namespace earful {

[[noreturn]] void check_failed(std::string_view condition, std::string_view file, int line);

}  // namespace earful

#define EARFUL_CHECK(condition) \
  ((condition) ? void(0) : ::earful::check_failed(#condition, __FILE__, __LINE__))
