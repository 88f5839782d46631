// The processes that import what inboxes received: started as they are needed, let go when there is
// nothing to do. One that dies costs the file it had; the next file starts another. They are
// started anew, not forked, because the station has many threads. Owned by the inbox thread, which
// must live as long as they do. Errors: E_WORKER.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/inbox/inbox_job.h"
#include "base/result.h"

namespace earful::agent {

class InboxCrew {
 public:
  struct Options {
    std::filesystem::path program = "/proc/self/exe";
    std::filesystem::path data_dir;
    int jobs = 0;  // 0: one less than there are processors, at least one
  };
  explicit InboxCrew(Options options);
  ~InboxCrew();  // kills them; what they had is swept and imported again another time
  InboxCrew(const InboxCrew&) = delete;
  InboxCrew& operator=(const InboxCrew&) = delete;

  bool can_take() const;  // give() may be called
  bool busy() const;
  // ticket: comes back with the answer.
  Result<void> give(uint64_t ticket, const InboxJob& job);
  // Lets those go that have nothing to do.
  void rest();

  struct Answered {
    uint64_t ticket;
    InboxAnswer answer;
  };
  void add_sockets(std::vector<pollfd>& sockets) const;
  // Never blocks.
  std::vector<Answered> hear();

  uint64_t died() const { return died_; }

 private:
  struct Worker {
    pid_t pid = -1;
    int fd = -1;
    bool working = false;
    uint64_t ticket = 0;
    std::string heard;
  };
  Result<Worker> hire() const;
  static int dismiss(Worker& worker, bool kill);
  bool hear(Worker& worker, std::vector<Answered>& answers);

  Options options_;
  std::vector<Worker> workers_;
  uint64_t died_ = 0;
};

}  // namespace earful::agent
