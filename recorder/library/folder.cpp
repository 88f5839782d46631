#include "recorder/library/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful::recorder {

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int fault = errno;
  if (fd >= 0) close(fd);
  if (synced) return {};
  return Error{"E_DISK", "syncing the folder " + folder.string() + ": " + std::strerror(fault)};
}

Result<void> make_call_folder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), 0700) == 0) return sync_folder(folder.parent_path());
  if (errno == EEXIST) return {};
  return Error{"E_DISK", "making the folder " + folder.string() + ": " + std::strerror(errno)};
}

}  // namespace earful::recorder
