// What pages are told when something all stations share has changed. Pure; any thread.
#pragma once

#include <string_view>

#include "proto/event.h"

namespace earful::agent {

// "tagbook", "listeners", "hour" or "thanks"; "" for an event about anything else.
std::string_view shared_notice(const Event& event);

}  // namespace earful::agent
