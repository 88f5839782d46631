// Files only their owner may read: keys.db, board.token, invite and identity files. Any thread.
//
// Errors: E_SECRET_FILE the file is a link, not ours, or readable by others (the message holds the
// command that heals it); E_EXISTS it is there already; E_FILE the system refused.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace earful::collector {

// Ok also where there is no such file yet.
Result<void> check_secret_file(const std::filesystem::path& path);

// Mode 0600 from the first byte on, whole or not at all, synced.
Result<void> write_secret_file(const std::filesystem::path& path, std::string_view content,
                               bool overwrite);

// At most kMaxSecretFileBytes, after check_secret_file.
inline constexpr size_t kMaxSecretFileBytes = 64 * 1024;  // keys and addresses, never data
Result<std::string> read_secret_file(const std::filesystem::path& path);

}  // namespace earful::collector
