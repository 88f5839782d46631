#include "base/http_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful {

Result<HttpListener> listen_on_loopback(uint16_t port, int backlog, const std::string& flag) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error{"E_HTTP", std::string("open a socket: ") + std::strerror(errno)};
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, backlog) != 0) {
    const int failed = errno;
    ::close(fd);
    const std::string what = "port " + std::to_string(port);
    if (failed == EADDRINUSE) {
      return Error{"E_PORT", what + " is in use: choose another with " + flag};
    }
    return Error{"E_PORT", what + " cannot be opened: " + std::strerror(failed) +
                               "; choose another with " + flag};
  }
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return HttpListener{fd, ntohs(address.sin_port)};
}

}  // namespace earful
