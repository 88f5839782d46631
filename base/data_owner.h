// Root administers a service that runs as somebody else. What it would write into the service's
// folder would be root's, and the service could not use it; so root becomes the folder's owner for
// good, before anything is opened.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace earful {

// Does nothing for anybody but root, where root owns the folder, and where there is none.
// E_OWNER: the system refused. Before threads.
Result<void> act_as_owner_of(const std::filesystem::path& folder);

}  // namespace earful
