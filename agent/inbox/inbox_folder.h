// One inbox: a folder that is watched, what has arrived in it, and what is known of it already. A
// passive stage of the inbox thread (inboxes.h): it is told the time, and hands out recordings that
// are whole and not known. A folder that is missing is looked for; one that is on a network disk
// is scanned again and again, because no event tells of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/inbox/arrivals.h"
#include "agent/inbox/folder_watch.h"
#include "agent/inbox/inbox_memory.h"
#include "agent/inbox/inbox_settings.h"

namespace earful::agent {

// Past it the rest is found by scanning again when these are done.
inline constexpr size_t kMaxWaiting = 100'000;

struct ReadyFile {
  std::string path;
  Stamp recording;
  std::string judged_by;
};

class InboxFolder {
 public:
  // memory outlives it.
  InboxFolder(InboxOptions options, Patience patience, InboxMemory& memory);

  // Looks for the folder, hears events, scans where that is due.
  void step(SteadyTime now);
  // What shall be imported now. Each is held until done().
  std::vector<ReadyFile> ready(SteadyTime now);
  void done(const std::string& path);
  // It could not be imported for a reason that is not its own: it comes again after the delay.
  void again(const ReadyFile& file, SteadyTime when);

  int fd() const { return watch_ ? watch_->fd() : -1; }  // readable: step()
  SteadyTime next() const;                               // when step() or ready() have something

  const InboxOptions& options() const { return options_; }
  std::string name() const { return options_.path.string(); }
  const std::string& missing() const { return missing_; }  // why it is not watched, or ""
  size_t waiting() const { return arrivals_.waiting() + held_.size() + later_.size(); }
  uint64_t scans() const { return scans_; }
  uint64_t forgotten() const { return forgotten_; }  // refused files that were deleted since

 private:
  void look_for_folder(SteadyTime now);
  void lose(const std::string& why, SteadyTime now);
  void check(SteadyTime now);
  void hear(const FolderEvent& event, SteadyTime now);
  void scan(SteadyTime now);
  void note(const std::string& path, bool whole, bool arrived, SteadyTime now);
  void note_beside(const std::string& sidecar, SteadyTime now);
  enum class Standing {
    kNew,
    kJudgedOtherwise,  // the same bytes were refused, with another sidecar or other settings
    kKnown,
  };
  Standing standing_of(const std::string& path, const Stamp& stamp);
  std::string judged_by(const std::string& path) const;

  const InboxOptions options_;
  InboxMemory& memory_;
  Arrivals arrivals_;
  std::optional<FolderWatch> watch_;
  std::string missing_ = "not looked for yet";
  bool looked_ = false;
  std::string settings_;                          // as of the last check: pattern and manifest
  std::map<std::string, Stamp> held_;             // handed out
  std::multimap<SteadyTime, std::string> later_;  // see again()
  SteadyTime look_at_{}, rescan_at_ = SteadyTime::max();
  bool rescan_ = false;
  bool full_ = false;  // files were passed over at kMaxWaiting
  uint64_t scans_ = 0;
  uint64_t forgotten_ = 0;
};

}  // namespace earful::agent
