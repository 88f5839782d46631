// One record as one line for a person: where, when, what, about which call. Never notes or names.
#pragma once

#include <string>

#include "proto/feed.h"

namespace earful::collector {

std::string record_line(const Record& record);

}  // namespace earful::collector
