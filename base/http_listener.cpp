#include "base/http_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful {
namespace {

// An address of either family, as the socket calls take it.
struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  int family = 0;
};

Address parse_address(const std::string& text, uint16_t port) {
  Address out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.bytes);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    out.family = AF_INET;
    v4->sin_port = htons(port);
    out.size = sizeof *v4;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    out.family = AF_INET6;
    v6->sin6_port = htons(port);
    out.size = sizeof *v6;
  }
  out.bytes.ss_family = sa_family_t(out.family);
  return out;
}

}  // namespace

Result<HttpListener> listen_on_address(const std::string& text, uint16_t port, int backlog,
                                       const std::string& flag) {
  Address address = parse_address(text, port);
  const int fd = ::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error{"E_HTTP", std::string("open a socket: ") + std::strerror(errno)};
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto* const bytes = reinterpret_cast<sockaddr*>(&address.bytes);
  if (::bind(fd, bytes, address.size) != 0 || ::listen(fd, backlog) != 0) {
    const int failed = errno;
    ::close(fd);
    const std::string what = "port " + std::to_string(port);
    if (failed == EADDRINUSE) {
      return Error{"E_PORT", what + " is in use: choose another with " + flag};
    }
    return Error{"E_PORT", what + " cannot be opened: " + std::strerror(failed) +
                               "; choose another with " + flag};
  }
  ::getsockname(fd, bytes, &address.size);
  // The port stands at the same place in both families.
  return HttpListener{fd, ntohs(reinterpret_cast<sockaddr_in*>(bytes)->sin_port)};
}

Result<HttpListener> listen_on_loopback(uint16_t port, int backlog, const std::string& flag) {
  return listen_on_address("127.0.0.1", port, backlog, flag);
}

}  // namespace earful
