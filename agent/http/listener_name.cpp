#include "agent/http/listener_name.h"

#include <algorithm>

#include "base/http_syntax.h"
#include "base/text.h"
#include "recorder/library/fold.h"

namespace earful::agent {

Result<std::string> checked_name(std::string name) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!name.empty() && blank(name.back())) name.pop_back();
  name.erase(name.begin(), std::find_if_not(name.begin(), name.end(), blank));
  // Nothing but invisible characters is no name either.
  if (name.size() > kMaxNameBytes || !is_utf8(name) || has_controls(name) ||
      recorder::folded_words(name).empty()) {
    return Error{"E_NAME",
                 "A name has 1 to 200 bytes of UTF-8, something to be seen, no control characters "
                 "and none that turn the direction of text."};
  }
  return name;
}

}  // namespace earful::agent
