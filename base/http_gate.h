// One way into an HTTP server, bound and not yet answered: the socket it listens on and the names
// it is known by. Internal to the HTTP server.
//
// Errors: E_PORT (in use, not allowed), E_SOCKET, E_HTTP.
#pragma once

#include <optional>
#include <string>

#include "base/http_entrance.h"
#include "base/result.h"
#include "base/unix_listener.h"

namespace earful {

struct HttpGate {
  HttpEntrance entrance = HttpEntrance::kLoopback;
  HttpNames names;
  unsigned connections = 0;            // at the same time; the next ones wait
  const TlsFiles* tls = nullptr;       // the entrance's it was bound for
  int listener = -1;                   // the caller's to close
  uint16_t port = 0;                   // of loopback
  std::optional<UnixListener> socket;  // whose file goes with the gate
};

Result<HttpGate> bind_loopback_gate(uint16_t port, const std::string& flag);
Result<HttpGate> bind_public_gate(const HttpPublicEntrance& entrance);  // which must outlive it

}  // namespace earful
