// All inboxes of a station: one thread that watches the folders, gives what is whole to worker
// processes, and remembers what became of it. Nothing is decoded or encoded in this process. The
// announcer finds what entered the library, as after an import.
//
// The memory and the watches belong to the thread. status(), counters() and the destructor are for
// any other.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "agent/inbox/inbox_crew.h"
#include "agent/inbox/inbox_folder.h"
#include "agent/inbox/inbox_status.h"
#include "agent/journal/scribe.h"
#include "base/result.h"

namespace earful::agent {

class Inboxes {
 public:
  struct Options {
    std::filesystem::path data_dir;
    std::vector<InboxOptions> inboxes;
    NoticeSink notify;  // "inbox", at most twice a second
    std::chrono::milliseconds quiet = Patience().quiet;
    std::filesystem::path worker_program = "/proc/self/exe";
  };
  // Nothing runs where there are no inboxes. Errors: those of the memory.
  static Result<std::unique_ptr<Inboxes>> start(Options options);
  ~Inboxes();
  Inboxes(const Inboxes&) = delete;
  Inboxes& operator=(const Inboxes&) = delete;

  std::vector<InboxStatus> status() const;
  InboxCounters counters() const;

 private:
  struct Inbox {
    InboxFolder folder;
    std::deque<ReadyFile> queue;
    std::vector<RefusedFile> refused;  // as last read
    // Of what is wrong with this machine, or the inbox's settings, rather than with a recording.
    std::string trouble;
    SteadyTime try_again{};
    std::chrono::milliseconds back_off{};
  };
  struct Given {
    Inbox* inbox;
    ReadyFile file;
  };
  explicit Inboxes(Options options, InboxMemory memory);
  void run();
  void wait(InboxCrew& crew, SteadyTime until);
  void collect(SteadyTime now);
  void hand_out(InboxCrew& crew, SteadyTime now);
  bool hand_out_of(Inbox& inbox, InboxCrew& crew, SteadyTime now);
  void hear(InboxCrew& crew, SteadyTime now);
  void finish(Inbox& inbox, const ReadyFile& file, const Outcome& outcome);
  void hold_back(Inbox& inbox, const ReadyFile& file, const std::string& why, SteadyTime now);
  void tell(InboxCrew& crew, SteadyTime now);
  SteadyTime next(const InboxCrew& crew) const;
  std::vector<InboxStatus> look() const;

  const Options options_;
  InboxMemory memory_;
  std::vector<Inbox> inboxes_;                 // does not grow after the start
  std::unordered_map<uint64_t, Given> given_;  // by ticket
  uint64_t next_ticket_ = 0;

  bool changed_ = true;
  SteadyTime tell_at_{}, rest_at_ = SteadyTime::max();

  // A snapshot for the HTTP thread, which must not wait for a scan.
  mutable std::mutex told_mutex_;
  std::vector<InboxStatus> told_;
  InboxCounters counted_, told_counters_;

  int stop_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace earful::agent
