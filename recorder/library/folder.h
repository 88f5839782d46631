// The folders files of a call stand in. A name is safe only once its folder is synced. No state.
// Errors: E_DISK.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace earful::recorder {

// Where it is missing; its parent has to be there.
Result<void> make_call_folder(const std::filesystem::path& folder);
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace earful::recorder
