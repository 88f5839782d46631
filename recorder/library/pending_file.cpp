#include "recorder/library/pending_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "recorder/library/folder.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 64 * 1024;
constexpr std::string_view kSuffix = ".part";
// No single recording takes a day to import.
constexpr auto kAbandonedAfter = std::chrono::hours(24);

}  // namespace

Result<PendingFile> PendingFile::create(const fs::path& path) {
  const fs::path folder = path.parent_path();
  EARFUL_TRY(make_call_folder(folder));
  const fs::path temporary = path.string() + "." + std::to_string(getpid()) + std::string(kSuffix);
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Error{"E_DISK", "writing " + temporary.string() + ": " + std::strerror(errno)};
  }
  return PendingFile(path, temporary, fd);
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)) {}

PendingFile::~PendingFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(temporary_.c_str());
}

Error PendingFile::failed(std::string_view doing) const {
  return {"E_DISK", std::string(doing) + " " + temporary_.string() + ": " + std::strerror(errno) +
                        "; make room and try again"};
}

Result<void> PendingFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) return flush();
  return {};
}

Result<void> PendingFile::flush() {
  for (size_t at = 0; at < buffer_.size();) {
    const ssize_t wrote = ::write(fd_, buffer_.data() + at, buffer_.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed("writing");
    at += size_t(wrote);
  }
  buffer_.clear();
  return {};
}

Result<void> PendingFile::commit() {
  EARFUL_TRY(flush());
  if (fsync(fd_) != 0) return failed("syncing");
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return failed("renaming");
  close(std::exchange(fd_, -1));
  return sync_folder(path_.parent_path());
}

void sweep_pending_files(const fs::path& folder) {
  std::error_code fault;
  const auto now = fs::file_time_type::clock::now();
  for (fs::recursive_directory_iterator at(folder, fault), end; !fault && at != end;
       at.increment(fault)) {
    std::error_code ignored;
    if (at->path().extension() != kSuffix) continue;
    if (now - at->last_write_time(ignored) > kAbandonedAfter) fs::remove(at->path(), ignored);
  }
}

}  // namespace earful::recorder
