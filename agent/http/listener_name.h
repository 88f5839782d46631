// What a listener may be called; the name goes into every event. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace earful::agent {

inline constexpr size_t kMaxNameBytes = 200;

// Without blanks around it. E_NAME.
Result<std::string> checked_name(std::string name);

// Holds a character below U+0020 or from U+007F to U+009F. The text must be UTF-8.
bool has_control_characters(std::string_view text);

}  // namespace earful::agent
