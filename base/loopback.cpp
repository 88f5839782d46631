#include "base/loopback.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace earful {
namespace {

constexpr int kWithinMs = 5000;         // a person waits for the answer
constexpr size_t kMaxBody = 64 * 1024;  // /metrics is a tenth of it

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Connection& operator=(Connection&&) = delete;
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }
  bool wait(short events) const {
    pollfd one{fd_, events, 0};
    return ::poll(&one, 1, kWithinMs) == 1;
  }

 private:
  int fd_;
};

int connect_to(const addrinfo& address, Connection& connection) {
  if (connection.fd() < 0) return errno;
  if (::connect(connection.fd(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!connection.wait(POLLOUT)) return ETIMEDOUT;
  int fault = 0;
  socklen_t size = sizeof fault;
  getsockopt(connection.fd(), SOL_SOCKET, SO_ERROR, &fault, &size);
  return fault;
}

Result<Connection> connected(std::string host, uint16_t port) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  const std::string service = std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(host.c_str(), service.c_str(), &hints, &found); fault != 0) {
    return Error{"E_HOST", "looking up " + host + ": " + gai_strerror(fault)};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  int fault = ECONNREFUSED;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    Connection connection(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    fault = connect_to(*one, connection);
    if (fault == 0) return connection;
  }
  return Error{"E_AWAY", "connecting to " + host + " port " + service + ": " + strerror(fault)};
}

}  // namespace

Result<void> try_connect(const std::string& host, uint16_t port) {
  EARFUL_ASSIGN(const Connection connection, connected(host, port));
  return {};
}

Result<std::string> get_from_loopback(uint16_t port, std::string_view path) {
  EARFUL_ASSIGN(const Connection connection, connected("127.0.0.1", port));
  const std::string where = "asking 127.0.0.1:" + std::to_string(port);
  const std::string request = "GET " + std::string(path) +
                              " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                              "\r\nConnection: close\r\n\r\n";
  if (::send(connection.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return Error{"E_AWAY", where + ": " + std::strerror(errno)};
  }
  std::string answer;
  char bytes[4096];
  while (answer.size() < kMaxBody) {
    if (!connection.wait(POLLIN)) return Error{"E_AWAY", where + ": no answer in 5 s"};
    const ssize_t got = ::recv(connection.fd(), bytes, sizeof bytes, 0);
    if (got <= 0) break;
    answer.append(bytes, size_t(got));
  }
  const size_t head = answer.find("\r\n\r\n");
  const bool ours = answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 503");
  if (head == std::string::npos || !ours) {
    return Error{"E_STRANGER", where + ": what answers there is another program"};
  }
  return answer.substr(head + 4);
}

}  // namespace earful
