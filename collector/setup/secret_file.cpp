#include "collector/setup/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful::collector {
namespace {

Error system_error(const std::string& doing) {
  return {"E_FILE", doing + ": " + std::strerror(errno)};
}

Result<void> write_all(int fd, std::string_view content, const std::string& name) {
  while (!content.empty()) {
    const ssize_t wrote = ::write(fd, content.data(), content.size());
    if (wrote < 0) return system_error("writing " + name);
    content.remove_prefix(size_t(wrote));
  }
  if (::fsync(fd) != 0) return system_error("syncing " + name);
  return {};
}

}  // namespace

Result<void> check_secret_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return system_error("looking at " + name);
  }
  if (S_ISLNK(info.st_mode)) {
    return Error{"E_SECRET_FILE",
                 "opening " + name + ": it is a link; put the file itself in its place"};
  }
  if (!S_ISREG(info.st_mode)) {
    return Error{"E_SECRET_FILE", "opening " + name + ": it is not a file; move it away"};
  }
  if (info.st_uid != ::geteuid()) {
    return Error{"E_SECRET_FILE", "opening " + name + ": it belongs to user " +
                                      std::to_string(info.st_uid) + "; run: chown " +
                                      std::to_string(::geteuid()) + " " + name};
  }
  if ((info.st_mode & 077) != 0) {
    return Error{"E_SECRET_FILE",
                 "opening " + name + ": others can read it; run: chmod 600 " + name};
  }
  return {};
}

Result<void> write_secret_file(const std::filesystem::path& path, std::string_view content,
                               bool overwrite) {
  const std::string name = path.string();
  struct stat info;
  if (!overwrite && ::lstat(path.c_str(), &info) == 0) {
    return Error{"E_EXISTS", "writing " + name +
                                 ": it is there already; choose another name or "
                                 "add --force"};
  }
  const std::string draft = name + ".new";
  ::unlink(draft.c_str());
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return system_error("writing " + name);
  auto written = write_all(fd, content, name);
  ::close(fd);
  if (written.ok() && ::rename(draft.c_str(), path.c_str()) != 0) {
    written = system_error("writing " + name);
  }
  if (!written.ok()) ::unlink(draft.c_str());
  return written;
}

Result<std::string> read_secret_file(const std::filesystem::path& path) {
  EARFUL_TRY(check_secret_file(path));
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return system_error("reading " + path.string());
  std::string content(kMaxSecretFileBytes + 1, '\0');
  const ssize_t got = ::read(fd, content.data(), content.size());
  ::close(fd);
  if (got < 0) return system_error("reading " + path.string());
  if (size_t(got) > kMaxSecretFileBytes) {
    return Error{"E_FILE", "reading " + path.string() + ": over 64 KiB; this is another file"};
  }
  content.resize(size_t(got));
  return content;
}

}  // namespace earful::collector
