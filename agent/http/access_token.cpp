#include "agent/http/access_token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/hash.h"

namespace earful::agent {
namespace {

constexpr size_t kTokenHexDigits = 64;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error refused(const std::filesystem::path& path, const std::string& what, const std::string& now) {
  return {"E_TOKEN_FILE", "read the access token " + path.string() + ": " + what + "; " + now};
}

Error disk(const std::filesystem::path& path) {
  return {"E_DISK", "write the access token " + path.string() + ": " + std::strerror(errno)};
}

Result<std::string> read_token(int fd, const std::filesystem::path& path) {
  const std::string make_new = "delete it and start again to get a new one";
  struct stat info {};
  if (::fstat(fd, &info) != 0) return disk(path);
  if (!S_ISREG(info.st_mode)) return refused(path, "it is not a file", make_new);
  if (info.st_uid != ::geteuid()) {
    return refused(path, "it belongs to another user", "run: chown $(id -u) " + path.string());
  }
  if ((info.st_mode & 0177) != 0) {
    return refused(path, "others can read it", "run: chmod 600 " + path.string());
  }
  std::array<char, kTokenHexDigits + 2> buffer{};
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  std::string token(buffer.data(), got > 0 ? size_t(got) : 0);
  if (token.ends_with('\n')) token.pop_back();
  if (token.size() != kTokenHexDigits || !from_hex(token)) {
    return refused(path, "it does not hold a token", make_new);
  }
  return token;
}

Result<std::string> make_token(const std::filesystem::path& path) {
  std::array<uint8_t, kTokenHexDigits / 2> bytes;
  fill_random(bytes);
  const std::string token = to_hex(bytes);
  // Written whole under another name first: a crash in between leaves no half token behind.
  const std::filesystem::path fresh = path.string() + ".new";
  ::unlink(fresh.c_str());
  const File file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  const std::string line = token + "\n";
  if (file.fd() < 0 || ::write(file.fd(), line.data(), line.size()) != ssize_t(line.size()) ||
      ::fsync(file.fd()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
    return disk(path);
  }
  return token;
}

}  // namespace

Result<std::string> load_or_make_token(const std::filesystem::path& path) {
  // O_NONBLOCK: a FIFO in its place must not hold up the start.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.fd() >= 0) return read_token(file.fd(), path);
  if (errno == ENOENT) return make_token(path);
  if (errno == ELOOP) {
    return refused(path, "it is a symbolic link", "put the file itself there, mode 0600");
  }
  return refused(path, std::strerror(errno), "run: chmod 600 " + path.string());
}

}  // namespace earful::agent
