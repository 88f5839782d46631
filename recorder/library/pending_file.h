// A file that is there whole or not at all: written under a temporary name in the same folder,
// synced, renamed, and the folder synced. Let go without commit() it leaves nothing; after a crash
// it leaves a ".part" file that sweep_pending_files() removes: its lock (flock) went with whoever
// wrote it. One owner. Errors: E_DISK.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace earful::recorder {

class PendingFile {
 public:
  // Makes the folder when it is missing.
  static Result<PendingFile> create(const std::filesystem::path& path);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  Result<void> write(std::string_view bytes);
  Result<void> commit();
  // Two files of one folder, each whole or not there; cheaper than one after the other. Where it
  // fails either may be there.
  static Result<void> commit_both(PendingFile& first, PendingFile& second);

 private:
  PendingFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  Result<void> flush();
  Result<void> sync();
  Result<void> take_name();
  Error failed(std::string_view doing) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_;
  std::string buffer_;
};

// Removes ".part" files under the folder that no living process writes. Any process, also beside
// others that write.
void sweep_pending_files(const std::filesystem::path& folder);

}  // namespace earful::recorder
