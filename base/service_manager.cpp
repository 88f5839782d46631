#include "base/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace earful {
namespace {

// Of the time after which the manager takes us for dead; a late sign then still comes in time.
constexpr int kSignsPerWatchdog = 3;

std::string taken(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value ? value : "";
  unsetenv(name);
  return text;
}

}  // namespace

ServiceManager::ServiceManager() : socket_(taken("NOTIFY_SOCKET")) {
  const std::string pid = taken("WATCHDOG_PID");
  const std::string within = taken("WATCHDOG_USEC");
  if (pid.empty() || pid == std::to_string(getpid())) {
    watchdog_ = std::chrono::microseconds(std::strtoll(within.c_str(), nullptr, 10));
  }
}

void ServiceManager::ready() { tell("READY=1"); }
void ServiceManager::stopping() { tell("STOPPING=1"); }

void ServiceManager::status(const std::string& line) {
  if (line == status_) return;
  status_ = line;
  tell("STATUS=" + line);
}

void ServiceManager::alive(SteadyTime now) {
  if (watchdog_.count() <= 0 || now - told_alive_ < watchdog_ / kSignsPerWatchdog) return;
  told_alive_ = now;
  tell("WATCHDOG=1");
}

void ServiceManager::tell(std::string_view lines) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // an abstract socket
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  // Nobody acts on a failure: the manager notices by itself what it is not told.
  const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + socket_.size());
  (void)::sendto(fd, lines.data(), lines.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size);
  ::close(fd);
}

std::optional<std::filesystem::path> credential(std::string_view name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (!folder || !*folder) return std::nullopt;
  std::error_code fault;
  auto file = std::filesystem::path(folder) / name;
  if (!std::filesystem::exists(file, fault)) return std::nullopt;
  return file;
}

}  // namespace earful
