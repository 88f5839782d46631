#include "agent/inbox/inbox_worker.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "agent/import/manifest.h"
#include "agent/import/name_pattern.h"
#include "agent/inbox/inbox_job.h"

namespace earful::agent {
namespace {

constexpr int kWrongUse = 2;
constexpr int kNice = 10;
constexpr size_t kReadBytes = 64 * 1024;

InboxAnswer refused(InboxAnswer::Kind kind, const Error& error) {
  InboxAnswer answer;
  answer.kind = kind;
  answer.outcome.code = error.code;
  answer.outcome.message = error.message;
  return answer;
}

// Of this machine, not of the recording: a full disk, a database somebody holds.
bool is_trouble(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::kRefused &&
         (outcome.code.starts_with("E_DISK") || outcome.code.starts_with("E_DB"));
}

int64_t changed_ns(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return -1;
  return int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

class Worker {
 public:
  explicit Worker(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

  InboxAnswer answer(const InboxJob& job) {
    if (const auto unreadable = look_at(job.path)) return *unreadable;
    if (const auto ready = prepare(job); !ready.ok()) {
      return refused(InboxAnswer::Kind::kTrouble, ready.error());
    }
    InboxAnswer done{InboxAnswer::Kind::kDone, importer_->import(job.path)};
    if (is_trouble(done.outcome)) {
      done.kind = InboxAnswer::Kind::kTrouble;
      importer_.reset();  // its database may be what is wrong
    }
    return done;
  }

 private:
  // Links are never followed, not even when one takes the place of a file just now.
  static std::optional<InboxAnswer> look_at(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    const int fault = errno;
    struct stat info {};
    const bool regular = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    if (fd >= 0) close(fd);
    if (regular) return std::nullopt;
    if (fd < 0 && (fault == EACCES || fault == EPERM)) {
      return refused(InboxAnswer::Kind::kDone,
                     {"E_ACCESS", std::string("opening the recording: ") + std::strerror(fault) +
                                      "; let the user that runs earful-agent read it"});
    }
    if (fd < 0 && fault != ENOENT && fault != ELOOP && fault != ENOTDIR && fault != ENXIO) {
      return refused(InboxAnswer::Kind::kTrouble,
                     {"E_DISK", std::string("opening the recording: ") + std::strerror(fault)});
    }
    return InboxAnswer{InboxAnswer::Kind::kGone, {}};
  }

  // What the last file was imported with serves the next one of the same inbox.
  Result<void> prepare(const InboxJob& job) {
    const int64_t changed = job.manifest.empty() ? 0 : changed_ns(job.manifest);
    const bool same = importer_ && job.name_pattern == job_.name_pattern &&
                      job.manifest == job_.manifest && changed == manifest_changed_ &&
                      job.complexity == job_.complexity && job.bitrate_bps == job_.bitrate_bps;
    if (same) return {};
    importer_.reset();
    manifest_.reset();
    pattern_.reset();
    if (!job.manifest.empty()) {
      EARFUL_ASSIGN(manifest_, Manifest::read(job.manifest));
    }
    if (!job.name_pattern.empty()) {
      EARFUL_ASSIGN(pattern_, NamePattern::parse(job.name_pattern));
    }
    ImportRules rules;
    rules.manifest = manifest_ ? &*manifest_ : nullptr;
    rules.pattern = pattern_ ? &*pattern_ : nullptr;
    rules.encoder = {job.bitrate_bps, job.complexity};
    EARFUL_ASSIGN(Importer importer, Importer::open(data_dir_, rules));
    importer_.emplace(std::move(importer));
    job_ = job;
    manifest_changed_ = changed;
    return {};
  }

  const std::filesystem::path data_dir_;
  InboxJob job_;
  int64_t manifest_changed_ = 0;
  std::optional<Manifest> manifest_;
  std::optional<NamePattern> pattern_;
  std::optional<Importer> importer_;
};

// As the station gives it; nobody's shell does.
bool is_local_socket(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

void step_back() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The station ends its workers by closing their input; what ends the station's whole group of
  // processes must not cost the recording that is in work.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(number, SIG_IGN);
  setpriority(PRIO_PROCESS, 0, kNice);
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

bool write_all(const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t wrote = write(STDOUT_FILENO, bytes.data() + at, bytes.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    at += size_t(wrote);
  }
  return true;
}

}  // namespace

int run_inbox_worker(const std::filesystem::path& data_dir) {
  if (!is_local_socket(STDIN_FILENO) || !is_local_socket(STDOUT_FILENO)) {
    std::fprintf(stderr, "earful-agent: inbox-worker is for earful-agent itself to start\n");
    return kWrongUse;
  }
  step_back();
  Worker worker(data_dir);
  std::string buffer;
  std::string block(kReadBytes, '\0');
  for (;;) {
    while (const auto job = take_job(buffer)) {
      if (!write_all(answer_line(worker.answer(*job)))) return 1;
    }
    const ssize_t got = read(STDIN_FILENO, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    buffer.append(block, 0, size_t(got));
  }
}

}  // namespace earful::agent
