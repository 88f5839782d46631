#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace earful {

void check_failed(std::string_view condition, std::string_view file, int line) {
  std::fprintf(stderr, "earful: bug at %.*s:%d: %.*s does not hold\n", int(file.size()),
               file.data(), line, int(condition.size()), condition.data());
  std::abort();
}

}  // namespace earful
