#include "recorder/library/pending_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "recorder/library/folder.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 64 * 1024;
constexpr std::string_view kSuffix = ".part";
// A sweep has a file for an instant between its making and its lock, seldom once.
constexpr int kTries = 10;

// A sweep that came first may have unlinked it.
bool is_at(const fs::path& path, int fd) {
  struct stat ours {};
  struct stat there {};
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

// Made and locked; -1 and errno otherwise.
int make_locked(const fs::path& path) {
  for (int tries = 0; tries < kTries; ++tries) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR) {
    }
    if (is_at(path, fd)) return fd;
    close(fd);
  }
  errno = EAGAIN;
  return -1;
}

void remove_if_abandoned(const fs::path& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(path, fd)) unlink(path.c_str());
  close(fd);
}

}  // namespace

Result<PendingFile> PendingFile::create(const fs::path& path) {
  const fs::path folder = path.parent_path();
  EARFUL_TRY(make_call_folder(folder));
  const fs::path temporary = path.string() + "." + std::to_string(getpid()) + std::string(kSuffix);
  const int fd = make_locked(temporary);
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
  EARFUL_TRY(sync());
  EARFUL_TRY(take_name());
  return sync_folder(path_.parent_path());
}

// Both are on their way to the disk before the first sync, so that a file system with a journal
// commits it once for the two, and once for both names.
Result<void> PendingFile::commit_both(PendingFile& first, PendingFile& second) {
  EARFUL_CHECK(first.path_.parent_path() == second.path_.parent_path());
  EARFUL_TRY(first.flush());
  EARFUL_TRY(second.flush());
  // Only a hint; what it cannot begin, the syncs do.
  (void)sync_file_range(first.fd_, 0, 0, SYNC_FILE_RANGE_WRITE);
  (void)sync_file_range(second.fd_, 0, 0, SYNC_FILE_RANGE_WRITE);
  EARFUL_TRY(first.sync());
  EARFUL_TRY(second.sync());
  EARFUL_TRY(first.take_name());
  EARFUL_TRY(second.take_name());
  return sync_folder(first.path_.parent_path());
}

Result<void> PendingFile::sync() {
  if (fsync(fd_) != 0) return failed("syncing");
  return {};
}

Result<void> PendingFile::take_name() {
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return failed("renaming");
  close(std::exchange(fd_, -1));
  return {};
}

void sweep_pending_files(const fs::path& folder) {
  std::error_code fault;
  for (fs::recursive_directory_iterator at(folder, fault), end; !fault && at != end;
       at.increment(fault)) {
    if (at->path().extension() == kSuffix) remove_if_abandoned(at->path());
  }
}

}  // namespace earful::recorder
