// A Unix socket that a program on this machine, such as a reverse proxy, connects to. Only the
// owner and one group may: mode 0660 from the moment anybody can connect. Its file goes with this
// object. Any thread.
//
// A socket that a crashed program of the same user left behind is replaced; anything else that
// stands at the path is left alone.
//
// Errors: E_SOCKET, with what to do.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/result.h"

namespace earful {

class UnixListener {
 public:
  // group: by name; "" for the process's own. The process must belong to it.
  static Result<UnixListener> bind(const std::filesystem::path& path, const std::string& group,
                                   int backlog);
  ~UnixListener();
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;

  int fd() const { return fd_; }
  // The descriptor is somebody else's to close from here on.
  int release();

 private:
  UnixListener(std::filesystem::path path, int fd, dev_t device, ino_t inode)
      : path_(std::move(path)), fd_(fd), device_(device), inode_(inode) {}

  std::filesystem::path path_;
  int fd_ = -1;
  dev_t device_ = 0;  // which file is ours: another program may have taken the path
  ino_t inode_ = 0;
};

}  // namespace earful
