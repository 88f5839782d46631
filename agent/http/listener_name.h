// What a listener may be called; the name goes into every event. Pure; any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace earful::agent {

inline constexpr size_t kMaxNameBytes = 200;

// Without blanks around it. E_NAME.
Result<std::string> checked_name(std::string name);

}  // namespace earful::agent
