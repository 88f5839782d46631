// A folder that one process at a time may use: held as long as it lives; the kernel frees it when
// the process dies. Any thread.
//
// Errors: E_LOCKED another process has it; E_FOLDER its file cannot be written.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace earful {

class FolderLock {
 public:
  // The file in that folder which stands for it, and who may have it: "earful-agent".
  static Result<FolderLock> take(const std::filesystem::path& file, std::string_view program);

  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace earful
