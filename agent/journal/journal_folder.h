// What the folder of a journal must be: on a disk of this machine, with what is written really
// there. Any thread.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace earful::agent {

// SQLite's locks and syncs cannot be trusted over a network file system: E_NETWORK_DISK.
Result<void> refuse_network_disk(const std::filesystem::path& dir);

// A file or a folder, to the disk. E_DB_IO.
Result<void> sync_path(const std::filesystem::path& path);

}  // namespace earful::agent
