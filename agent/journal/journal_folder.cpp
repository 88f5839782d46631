#include "agent/journal/journal_folder.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful::agent {
namespace {

constexpr long kCifsMagic = 0xFF534D42;

}  // namespace

Result<void> refuse_network_disk(const std::filesystem::path& dir) {
  struct statfs info {};
  if (statfs(dir.c_str(), &info) != 0) return {};
  if (info.f_type == NFS_SUPER_MAGIC || info.f_type == SMB_SUPER_MAGIC ||
      long(info.f_type) == kCifsMagic) {
    return Error{"E_NETWORK_DISK", "opening the journal in " + dir.string() +
                                       ": this is a network file system, where a saved tag may "
                                       "be lost; choose a local folder with --data"};
  }
  return {};
}

Result<void> sync_path(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int fault = errno;
  if (fd >= 0) ::close(fd);
  if (synced) return {};
  return Error{"E_DB_IO", "syncing " + path.string() + ": " + std::strerror(fault)};
}

}  // namespace earful::agent
