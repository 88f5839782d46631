// A notice that something needs a person: {"code","message"}. Any thread.
#pragma once

#include <string>

#include "agent/journal/scribe.h"

namespace earful::agent {

Notice alarm(const std::string& code, const std::string& message);

}  // namespace earful::agent
