#include "agent/inbox/inbox_crew.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "agent/import/outcome_json.h"
#include "base/log.h"

namespace earful::agent {
namespace {

constexpr int kMaxWorkers = 64;

// One processor stays with the calls, the page and whatever else the machine is for.
int default_jobs() {
  return std::clamp(int(std::thread::hardware_concurrency()) - 1, 1, kMaxWorkers);
}

Error failed(const std::string& doing, int fault) {
  return {"E_WORKER", doing + ": " + std::strerror(fault)};
}

Outcome refused(const std::string& message) {
  Outcome outcome;
  outcome.code = "E_WORKER";
  outcome.message = message;
  return outcome;
}

// Standard input and output are the socket, everything else of the station's is closed. The
// station blocks signals and ignores SIGPIPE; its workers begin as any program does.
Result<pid_t> spawn(const InboxCrew::Options& options, int socket) {
  const std::string program = options.program.string();
  const std::string data = options.data_dir.string();
  std::string words[] = {"earful-agent", "inbox-worker", "--data", data};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, socket, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t ignored;
  sigemptyset(&none);
  sigemptyset(&ignored);
  sigaddset(&ignored, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &ignored);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int fault = posix_spawn(&pid, program.c_str(), &files, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0) return failed("starting a worker", fault);
  return pid;
}

}  // namespace

InboxCrew::InboxCrew(Options options) : options_(std::move(options)) {
  if (options_.jobs <= 0) options_.jobs = default_jobs();
}

InboxCrew::~InboxCrew() {
  for (Worker& worker : workers_) dismiss(worker, true);
}

bool InboxCrew::can_take() const {
  return workers_.size() < size_t(options_.jobs) ||
         std::any_of(workers_.begin(), workers_.end(), [](const Worker& w) { return !w.working; });
}

bool InboxCrew::busy() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const Worker& w) { return w.working; });
}

Result<InboxCrew::Worker> InboxCrew::hire() const {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return failed("making a socket", errno);
  }
  const auto pid = spawn(options_, ends[1]);
  close(ends[1]);
  if (!pid.ok()) {
    close(ends[0]);
    return pid.error();
  }
  Worker worker;
  worker.pid = *pid;
  worker.fd = ends[0];
  return worker;
}

// With its input at an end, a worker without work ends by itself.
int InboxCrew::dismiss(Worker& worker, bool kill) {
  if (kill) ::kill(worker.pid, SIGKILL);
  close(worker.fd);
  int status = 0;
  while (waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

Result<void> InboxCrew::give(uint64_t ticket, const InboxJob& job) {
  auto free = std::find_if(workers_.begin(), workers_.end(),
                           [](const Worker& worker) { return !worker.working; });
  if (free == workers_.end()) {
    EARFUL_ASSIGN(Worker worker, hire());
    free = workers_.insert(workers_.end(), std::move(worker));
  }
  free->working = true;
  free->ticket = ticket;
  const std::string bytes = job_bytes(job);
  // It fits the socket's buffer, which is empty; a dead worker is seen by its silence.
  (void)send(free->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return {};
}

void InboxCrew::rest() {
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (worker->working) {
      ++worker;
      continue;
    }
    dismiss(*worker, false);
    worker = workers_.erase(worker);
  }
}

void InboxCrew::add_sockets(std::vector<pollfd>& sockets) const {
  for (const Worker& worker : workers_) {
    if (worker.working) sockets.push_back({worker.fd, POLLIN, 0});
  }
}

std::vector<InboxCrew::Answered> InboxCrew::hear() {
  std::vector<Answered> answers;
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    worker = hear(*worker, answers) ? worker + 1 : workers_.erase(worker);
  }
  return answers;
}

// False: the worker is no more.
bool InboxCrew::hear(Worker& worker, std::vector<Answered>& answers) {
  char block[4096];
  ssize_t got = 0;
  while ((got = recv(worker.fd, block, sizeof block, MSG_DONTWAIT)) > 0) {
    worker.heard.append(block, size_t(got));
    if (worker.heard.size() > kMaxOutcomeBytes) break;
  }
  const bool waits = got < 0 && (errno == EAGAIN || errno == EINTR);
  if (const size_t end = worker.heard.find('\n'); end != std::string::npos && worker.working) {
    auto answer = parse_answer(std::string_view(worker.heard).substr(0, end));
    if (answer) {
      answers.push_back({worker.ticket, std::move(*answer)});
      worker.heard.erase(0, end + 1);
      worker.working = false;
      return true;  // if it died after that, the next look sees it
    }
  } else if (waits && worker.heard.empty()) {
    return true;
  } else if (waits && worker.working && worker.heard.size() <= kMaxOutcomeBytes) {
    return true;
  }
  // Gone, or saying what no worker says.
  const int status = dismiss(worker, true);
  ++died_;
  const std::string how = WIFSIGNALED(status) && !waits
                              ? "stopped with signal " + std::to_string(WTERMSIG(status))
                              : std::string("ended without a word");
  log_warn("lost inbox worker", {{"how", how}});
  if (worker.working) {
    answers.push_back({worker.ticket,
                       {InboxAnswer::Kind::kDone, refused("importing: the worker " + how +
                                                          "; import the file again alone")}});
  }
  return false;
}

}  // namespace earful::agent
