// The station's access token: 32 random bytes as hex in DATA/console.token, for its owner's eyes
// alone. Who can read the file may use the API. Made at the first start, used again afterwards.
//
// Errors, each with what to do: E_TOKEN_FILE (a link, another owner, a mode wider than 0600, not a
// token), E_DISK.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace earful::agent {

Result<std::string> load_or_make_token(const std::filesystem::path& path);

}  // namespace earful::agent
