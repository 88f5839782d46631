#include "base/unix_listener.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace earful {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kNobodyYet = 0600;
constexpr mode_t kOwnerAndGroup = 0660;

Error refused(const fs::path& path, const std::string& what) {
  return {"E_SOCKET", "the socket " + path.string() + ": " + what};
}

Result<sockaddr_un> address_of(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!path.is_absolute()) return refused(path, "give its whole path, as /run/earful/console.sock");
  if (path.native().find('\0') != std::string::npos) return refused(path, "a path holds no NUL");
  if (path.native().size() >= sizeof address.sun_path) {
    return refused(path, "its path is longer than the " +
                             std::to_string(sizeof address.sun_path - 1) +
                             " bytes that a socket's may have; choose a shorter one");
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

Result<std::optional<gid_t>> group_id(const fs::path& path, const std::string& name) {
  if (name.empty()) return std::optional<gid_t>();
  std::array<char, 16384> buffer;
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found) {
    return refused(path, "there is no group \"" + name + "\"; getent group lists them");
  }
  return std::optional(entry.gr_gid);
}

bool somebody_answers(const sockaddr_un& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return true;
  const bool refused =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  ::close(fd);
  return !refused;
}

// Makes way where a program of ours crashed, and only there.
Result<void> clear_path(const fs::path& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return refused(path, "something else stands at this path; choose another or move it away");
  }
  if (info.st_uid != ::geteuid()) {
    return refused(path, "a socket of another user stands there; remove it or choose another path");
  }
  if (somebody_answers(address)) {
    return refused(path, "another program listens there; stop it or choose another path");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return refused(path, std::string("removing the old one: ") + std::strerror(errno));
  }
  return {};
}

// Through a descriptor of the very file that was bound, whatever happens to its name meanwhile.
Result<void> give_to_group(const fs::path& path, std::optional<gid_t> group) {
  const int file = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat info {};
  std::string fault;
  if (file < 0 || ::fstat(file, &info) != 0) {
    fault = std::strerror(errno);
  } else if (!S_ISSOCK(info.st_mode) || info.st_uid != ::geteuid()) {
    fault = "somebody else put something in its place";
  } else if (group && ::fchownat(file, "", uid_t(-1), *group, AT_EMPTY_PATH) != 0) {
    fault = std::string("giving it to its group: ") + std::strerror(errno) +
            "; the user that runs this must belong to the group";
  } else if (::chmod(("/proc/self/fd/" + std::to_string(file)).c_str(), kOwnerAndGroup) != 0) {
    fault = std::string("setting its mode: ") + std::strerror(errno);
  }
  if (file >= 0) ::close(file);
  if (!fault.empty()) return refused(path, fault);
  return {};
}

}  // namespace

Result<UnixListener> UnixListener::bind(const fs::path& path, const std::string& group,
                                        int backlog) {
  EARFUL_ASSIGN(const sockaddr_un address, address_of(path));
  EARFUL_ASSIGN(const std::optional<gid_t> gid, group_id(path, group));
  EARFUL_TRY(clear_path(path, address));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return refused(path, std::strerror(errno));
  UnixListener listener(path, fd, 0, 0);
  // The file gets the mode of the unbound socket (unix(7)), so the process's umask, which is every
  // thread's, need not be touched. Nobody can connect before listen(), which comes last.
  ::fchmod(fd, kNobodyYet);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string why = std::strerror(errno);
    return refused(path, why +
                             "; its folder must be there, and this program's user must be "
                             "allowed to write in it");
  }
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) {
    listener.device_ = info.st_dev;
    listener.inode_ = info.st_ino;
  }
  EARFUL_TRY(give_to_group(path, gid));
  if (::listen(fd, backlog) != 0) return refused(path, std::strerror(errno));
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      device_(other.device_),
      inode_(std::exchange(other.inode_, 0)) {}

UnixListener::~UnixListener() {
  if (fd_ >= 0) ::close(fd_);
  struct stat info {};
  if (inode_ != 0 && ::lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ &&
      info.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

int UnixListener::release() { return std::exchange(fd_, -1); }

}  // namespace earful
