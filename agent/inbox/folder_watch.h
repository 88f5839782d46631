// One folder and what is below it, seen through inotify(7). Tells of recordings and sidecars by
// their names only; links, hidden and temporary names are left alone, folders that are links are
// not entered. The folder is only ever read. One thread.
//
// The kernel drops events when nobody reads them in time, and a moved folder takes its watches
// along: both are told as kRescan, upon which the owner opens a new watch and scans.
// Errors: E_FOLDER.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace earful::agent {

// Each costs kernel memory; past it a wrong folder was named.
inline constexpr size_t kMaxInboxFolders = 4096;

// A name an inbox takes no notice of: hidden, temporary, neither recording nor sidecar.
bool left_alone(std::string_view name);

struct FolderEvent {
  enum class Kind {
    kThere,     // something at the path is new or changed
    kFound,     // it was in a folder that is new; since when, only its own times tell
    kWhole,     // it was closed after writing or renamed into place
    kGone,      // deleted or renamed away
    kRescan,    // events were lost; path is empty
    kVanished,  // the folder itself is no longer there; path is empty
  };
  Kind kind;
  std::string path;
};

class FolderWatch {
 public:
  using Found = std::function<void(const std::string& path)>;

  // Watches the folder and all below it.
  static Result<FolderWatch> open(const std::filesystem::path& folder);
  FolderWatch(FolderWatch&& other) noexcept;
  FolderWatch& operator=(FolderWatch&& other) noexcept;
  ~FolderWatch();

  int fd() const { return fd_; }
  // Every name that is not left alone, from before and after the watch began.
  void scan(const Found& found) const;
  // What the kernel has said since; never blocks.
  std::vector<FolderEvent> read();
  // False when something else, or nothing, is at the path by now.
  bool still_there() const;
  // Why events do not tell everything, so that only looking again does; "" when they do.
  const std::string& blind() const { return blind_; }

 private:
  FolderWatch(std::string folder, int fd) : folder_(std::move(folder)), fd_(fd) {}
  bool watch(const std::string& folder);
  void watch_below(const std::string& folder);
  void hear(int watch, uint32_t mask, const std::string& name, std::vector<FolderEvent>& events);

  std::string folder_;
  int fd_ = -1;
  int root_ = -1;
  uint64_t device_ = 0, inode_ = 0;
  std::map<int, std::string> folders_;  // by inotify's number
  std::string blind_;
};

}  // namespace earful::agent
