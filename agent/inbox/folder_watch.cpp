#include "agent/inbox/folder_watch.h"

#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/inbox/arrivals.h"
#include "recorder/source/file_type.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

// Of the kernel's queue at once; a name is at most 255 bytes.
constexpr size_t kReadBytes = 64 * 1024;
constexpr uint32_t kMask = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                           IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr long kCifsMagic = 0xFF534D42;
constexpr long kFuseMagic = 0x65735546;

bool is_hidden_or_temporary(std::string_view name) {
  return name.starts_with('.') || name.ends_with(".part") || name.ends_with(".tmp");
}

// What other machines write there, the kernel here does not hear of.
bool is_shared(const std::string& folder) {
  struct statfs info {};
  if (statfs(folder.c_str(), &info) != 0) return false;
  const long type = long(info.f_type);
  return type == NFS_SUPER_MAGIC || type == SMB_SUPER_MAGIC || type == kCifsMagic ||
         type == kFuseMagic;
}

// Folders below, without links and hidden ones; files that are not left alone.
void list(const std::string& folder, const FolderWatch::Found& below,
          const FolderWatch::Found& file) {
  std::error_code fault;
  for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault)) {
    const std::string name = at->path().filename().string();
    std::error_code unknown;
    const fs::file_type type = at->symlink_status(unknown).type();
    if (type == fs::file_type::directory && !is_hidden_or_temporary(name)) below(at->path());
    if (type == fs::file_type::regular && !left_alone(name)) file(at->path());
  }
}

}  // namespace

bool left_alone(std::string_view name) {
  return is_hidden_or_temporary(name) ||
         !(recorder::promises_audio(name) || is_sidecar(std::string(name)));
}

Result<FolderWatch> FolderWatch::open(const fs::path& folder) {
  const std::string path = folder.string();
  const auto failed = [&](int fault) {
    return Error{"E_FOLDER", "watching " + path + ": " + std::strerror(fault) +
                                 "; make the folder or name another"};
  };
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return failed(errno);
  if (!S_ISDIR(info.st_mode)) return failed(ENOTDIR);
  if (access(path.c_str(), R_OK | X_OK) != 0) return failed(errno);
  const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return failed(errno);
  FolderWatch watch(path, fd);
  watch.device_ = info.st_dev;
  watch.inode_ = info.st_ino;
  if (is_shared(path)) watch.blind_ = "it is on a network disk";
  if (watch.watch(path)) watch.root_ = watch.folders_.begin()->first;
  watch.watch_below(path);
  return watch;
}

FolderWatch::FolderWatch(FolderWatch&& other) noexcept { *this = std::move(other); }

FolderWatch& FolderWatch::operator=(FolderWatch&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(fd_, other.fd_);
  std::swap(root_, other.root_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  std::swap(folders_, other.folders_);
  std::swap(blind_, other.blind_);
  return *this;
}

FolderWatch::~FolderWatch() {
  if (fd_ >= 0) close(fd_);
}

// Before its entries are listed, so that nothing comes in between.
bool FolderWatch::watch(const std::string& folder) {
  if (folders_.size() == kMaxInboxFolders) {
    blind_ = "there are over " + std::to_string(kMaxInboxFolders) + " folders below it";
    return false;
  }
  const int number = inotify_add_watch(fd_, folder.c_str(), kMask);
  if (number >= 0) {
    folders_[number] = folder;
    return true;
  }
  if (errno == ENOSPC) blind_ = "the system watches no more (fs.inotify.max_user_watches)";
  return false;
}

void FolderWatch::watch_below(const std::string& folder) {
  list(
      folder,
      [this](const std::string& below) {
        if (watch(below)) watch_below(below);
      },
      [](const std::string&) {});
}

void FolderWatch::scan(const Found& found) const {
  std::vector<std::string> folders = {folder_};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    list(
        folder, [&](const std::string& below) { folders.push_back(below); }, found);
  }
}

std::vector<FolderEvent> FolderWatch::read() {
  std::vector<FolderEvent> events;
  alignas(inotify_event) char buffer[kReadBytes];
  const ssize_t got = ::read(fd_, buffer, sizeof buffer);
  for (ssize_t at = 0; at < got;) {
    inotify_event event;
    std::memcpy(&event, buffer + at, sizeof event);
    const char* name = buffer + at + sizeof event;
    hear(event.wd, event.mask, event.len > 0 ? std::string(name, strnlen(name, event.len)) : "",
         events);
    at += ssize_t(sizeof event + event.len);
  }
  return events;
}

void FolderWatch::hear(int number, uint32_t mask, const std::string& name,
                       std::vector<FolderEvent>& events) {
  using Kind = FolderEvent::Kind;
  if (mask & IN_Q_OVERFLOW) {
    events.push_back({Kind::kRescan, ""});
    return;
  }
  const auto folder = folders_.find(number);
  if (folder == folders_.end()) return;
  if (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
    if (number == root_) events.push_back({Kind::kVanished, ""});
    if (mask & IN_IGNORED) folders_.erase(folder);
    return;
  }
  const std::string path = folder->second + "/" + name;
  if (mask & IN_ISDIR) {
    if (is_hidden_or_temporary(name)) return;
    if (mask & IN_MOVED_FROM) events.push_back({Kind::kRescan, ""});
    if (mask & (IN_CREATE | IN_MOVED_TO) && watch(path)) {
      const Found found = [&](const std::string& file) { events.push_back({Kind::kFound, file}); };
      const Found enter = [&](const std::string& below) {
        if (watch(below)) list(below, enter, found);
      };
      list(path, enter, found);
    }
    return;
  }
  if (name.empty() || left_alone(name)) return;
  if (mask & (IN_CREATE | IN_ATTRIB)) events.push_back({Kind::kThere, path});
  if (mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) events.push_back({Kind::kWhole, path});
  if (mask & (IN_MOVED_FROM | IN_DELETE)) events.push_back({Kind::kGone, path});
}

bool FolderWatch::still_there() const {
  struct stat info {};
  return stat(folder_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

}  // namespace earful::agent
