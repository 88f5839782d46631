#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful {

Result<FolderLock> FolderLock::take(const std::filesystem::path& file, std::string_view program) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Error{"E_FOLDER", "opening " + file.string() + ": " + std::strerror(errno) +
                                 "; make the folder writable, or choose another with --data"};
  }
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  return Error{"E_LOCKED", "using " + file.parent_path().string() + ": another " +
                               std::string(program) +
                               " has it; stop that one, or choose another folder with --data"};
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace earful
