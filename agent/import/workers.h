// Several processes that import side by side. Each has the list from before it was forked and is
// told numbers; what a file got comes back. A worker that dies costs the file it had, and another
// takes its place. Run it in a process with one thread; it returns when every file has an outcome,
// or when one was refused for want of room: it and those not begun have none.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "agent/import/importer.h"
#include "base/result.h"

namespace earful::agent {

// More than any machine has processors for; each costs memory.
inline constexpr int kMaxJobs = 256;

// number: of the file in the list. In the order in which they are done.
using OutcomeTaker = std::function<void(size_t number, const Outcome& outcome)>;

// make is called once in each worker. Errors: E_WORKER when none can be started; E_DISK_FULL.
Result<void> import_side_by_side(const std::vector<std::filesystem::path>& files, int jobs,
                                 const std::function<Result<Importer>()>& make,
                                 const OutcomeTaker& take);

}  // namespace earful::agent
