// All usable events of a store, for the commands that fold them: quarantine is left out.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "collector/setup/data_folder.h"
#include "proto/event.h"

namespace earful::collector {

// In feed order, once for each reader, one reader after the other: the first hears all events
// before the second hears any.
Result<void> tell_events(const DataFolder& folder,
                         const std::vector<std::function<void(const Event&)>>& readers);

}  // namespace earful::collector
