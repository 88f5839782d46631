// The socket an HTTP server listens on. Internal to the HTTP server.
//
// Errors: E_PORT (in use, not allowed), E_HTTP.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace earful {

struct HttpListener {
  int fd = -1;  // the caller's to close
  uint16_t port = 0;
};

// Port 0 takes a free one; `flag` is what a person changes when the port is taken.
Result<HttpListener> listen_on_loopback(uint16_t port, int backlog, const std::string& flag);

// An IPv4 or IPv6 address as digits, that of this machine or "0.0.0.0" or "::" for all it has.
Result<HttpListener> listen_on_address(const std::string& address, uint16_t port, int backlog,
                                       const std::string& flag);

}  // namespace earful
