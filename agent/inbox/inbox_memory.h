// What became of each recording of the inboxes, in DATA/inbox.db, so that a restart neither reads
// ten thousand files again nor tells twice why one was refused. A cache: losing it costs time, and
// a damaged one is made anew. One thread. Errors: those of base/sqlite.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/inbox/arrivals.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace earful::agent {

struct Remembered {
  Stamp recording;
  std::string code, message;  // why it was refused; "" when it was taken
  // What it was judged by besides its own bytes: its sidecar and the inbox's settings.
  std::string judged_by;
  WallTime at{};

  bool refused() const { return !code.empty(); }
};

struct RefusedFile {
  std::string path;
  std::string code, message;
  WallTime at{};
};

class InboxMemory {
 public:
  static Result<InboxMemory> open(const std::filesystem::path& file);

  Result<std::optional<Remembered>> find(const std::string& path);
  // inbox: the folder's path as it stands in the settings. One short transaction.
  Result<void> keep(const std::string& inbox, const std::string& path, const Remembered& what);
  Result<void> forget(const std::string& path);
  // Rows of files that left the disk, unless they are young: a share that is away now may return.
  Result<void> forget_gone(const std::string& inbox, WallTime now);

  // Refused recordings whose sidecar this would be.
  Result<std::vector<std::string>> refused_beside(const std::string& sidecar);

  Result<uint64_t> taken(const std::string& inbox);  // how often, ever
  Result<uint64_t> refused_count(const std::string& inbox);
  Result<std::vector<RefusedFile>> refused(const std::string& inbox, size_t limit);  // newest first

 private:
  InboxMemory(Database db, Statement find) : db_(std::move(db)), find_(std::move(find)) {}
  static Result<InboxMemory> open_whole(const std::filesystem::path& file);

  Database db_;
  Statement find_;  // asked for every file of a folder
};

}  // namespace earful::agent
