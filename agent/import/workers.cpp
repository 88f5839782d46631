#include "agent/import/workers.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "agent/import/outcome_json.h"

namespace earful::agent {
namespace {

constexpr size_t kNoFile = SIZE_MAX;
constexpr const char* kDiskFull = "E_DISK_FULL";

bool send_all(int fd, const void* from, size_t count) {
  const char* bytes = static_cast<const char*>(from);
  while (count > 0) {
    const ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    count -= size_t(sent);
  }
  return true;
}

bool receive_all(int fd, void* to, size_t count) {
  char* bytes = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = recv(fd, bytes, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    count -= size_t(got);
  }
  return true;
}

bool send_outcome(int fd, const Outcome& outcome) {
  const std::string text = outcome_json(outcome);
  const auto length = uint32_t(text.size());
  return send_all(fd, &length, sizeof length) && send_all(fd, text.data(), text.size());
}

std::optional<Outcome> receive_outcome(int fd) {
  uint32_t length = 0;
  if (!receive_all(fd, &length, sizeof length) || length > kMaxOutcomeBytes) return std::nullopt;
  std::string text(length, '\0');
  if (!receive_all(fd, text.data(), length)) return std::nullopt;
  return parse_outcome(text);
}

Outcome refused(const std::string& code, const std::string& message) {
  Outcome outcome;
  outcome.code = code;
  outcome.message = message;
  return outcome;
}

[[noreturn]] void work(int fd, const std::vector<std::filesystem::path>& files,
                       const std::function<Result<Importer>()>& make) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Result<Importer> importer = make();
  uint64_t number = 0;
  while (receive_all(fd, &number, sizeof number)) {
    const Outcome outcome = importer ? importer->import(files[number])
                                     : refused(importer.error().code, importer.error().message);
    if (!send_outcome(fd, outcome)) break;
  }
  _exit(0);
}

struct Worker {
  pid_t pid = -1;
  int fd = -1;
  size_t file = kNoFile;
};

class Crew {
 public:
  Crew(const std::vector<std::filesystem::path>& files,
       const std::function<Result<Importer>()>& make, const OutcomeTaker& take)
      : files_(files), make_(make), take_(take), end_(files.size()) {}
  ~Crew() {
    for (Worker& worker : workers_) dismiss(worker);
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  Result<void> run(size_t jobs) {
    for (size_t i = 0; i < jobs; ++i) {
      workers_.emplace_back();
      EARFUL_TRY(hire(workers_.back()));
      give(workers_.back());
    }
    while (done_ < end_) EARFUL_TRY(wait());
    return full_;
  }

 private:
  Result<void> hire(Worker& worker) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      return Error{"E_WORKER", std::string("making a socket: ") + std::strerror(errno)};
    }
    const pid_t pid = fork();
    if (pid < 0) {
      close(ends[0]);
      close(ends[1]);
      return Error{"E_WORKER", std::string("starting a worker: ") + std::strerror(errno)};
    }
    if (pid == 0) {
      // A worker that kept another's socket would never see it close.
      for (const Worker& other : workers_) {
        if (other.fd >= 0) close(other.fd);
      }
      close(ends[0]);
      work(ends[1], files_, make_);
    }
    close(ends[1]);
    worker = {pid, ends[0], kNoFile};
    return {};
  }

  static int dismiss(Worker& worker) {
    int status = 0;
    if (worker.fd >= 0) close(worker.fd);
    if (worker.pid > 0) {
      while (waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
      }
    }
    worker = {};
    return status;
  }

  void give(Worker& worker) {
    if (next_ == end_) return;
    worker.file = next_++;
    const uint64_t number = worker.file;
    (void)send_all(worker.fd, &number, sizeof number);  // a dead worker is seen by its silence
  }

  Result<void> wait() {
    std::vector<pollfd> sockets;
    for (const Worker& worker : workers_) sockets.push_back({worker.fd, POLLIN, 0});
    if (poll(sockets.data(), nfds_t(sockets.size()), -1) < 0 && errno != EINTR) {
      return Error{"E_WORKER", std::string("waiting for workers: ") + std::strerror(errno)};
    }
    for (size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0 || workers_[i].file == kNoFile) continue;
      EARFUL_TRY(hear(workers_[i]));
    }
    return {};
  }

  Result<void> hear(Worker& worker) {
    std::optional<Outcome> outcome = receive_outcome(worker.fd);
    const size_t file = worker.file;
    worker.file = kNoFile;
    ++done_;
    if (!outcome) {
      const int status = dismiss(worker);
      const std::string how = WIFSIGNALED(status)
                                  ? "stopped with signal " + std::to_string(WTERMSIG(status))
                                  : std::string("ended without a word");
      outcome =
          refused("E_WORKER", "importing: the worker " + how + "; import the file again alone");
      if (next_ < end_) EARFUL_TRY(hire(worker));
    }
    if (outcome->code == kDiskFull) {
      stop(*outcome);
      return {};
    }
    take_(file, *outcome);
    if (worker.fd >= 0) give(worker);
    return {};
  }

  // What the others have in hand is still heard of; for the rest it would be the same again.
  void stop(const Outcome& outcome) {
    end_ = next_;
    full_ = Error{outcome.code, outcome.message};
  }

  const std::vector<std::filesystem::path>& files_;
  const std::function<Result<Importer>()>& make_;
  const OutcomeTaker& take_;
  std::vector<Worker> workers_;
  size_t next_ = 0;
  size_t done_ = 0;
  size_t end_;  // of what is given out
  Result<void> full_;
};

}  // namespace

Result<void> import_side_by_side(const std::vector<std::filesystem::path>& files, int jobs,
                                 const std::function<Result<Importer>()>& make,
                                 const OutcomeTaker& take) {
  Crew crew(files, make, take);
  return crew.run(std::min(size_t(jobs), files.size()));
}

}  // namespace earful::agent
