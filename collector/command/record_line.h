// One record as one line for a person: where, when, what, about which call. Never notes or names of
// people. A merged kind is followed by the one it counts as.
#pragma once

#include <string>

#include "proto/feed.h"
#include "proto/tagbook_fold.h"

namespace earful::collector {

std::string record_line(const Record& record, const TagbookFold& book);

}  // namespace earful::collector
