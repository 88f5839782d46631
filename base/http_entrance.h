// The ways into an HTTP server. A handler sees by which a request came (HttpRequest::entrance): who
// somebody is may be believed at one and not at another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/http_origin.h"
#include "base/tls_files.h"

namespace earful {

enum class HttpEntrance {
  kLoopback,  // plain HTTP on 127.0.0.1: whoever is on this machine
  kProxy,     // a Unix socket: the reverse proxy, and nobody else
  kNetwork,   // HTTPS on an address: anybody
};

// The names a server answers under at an entrance, as Host and Origin have them.
struct HttpNames {
  std::string scheme;
  std::vector<std::string> hosts;
};

// The names of a server on this port of 127.0.0.1: that address, localhost and [::1].
HttpNames loopback_names(uint16_t port);
// The one name of a public origin.
HttpNames public_names(const HttpOrigin& origin);

struct HttpProxySocket {
  std::filesystem::path path;
  std::string group;  // who may connect beside the owner; "" for the process's own
};

bool is_ip_address(const std::string& text);

struct HttpTlsAddress {
  std::string address;  // digits
  uint16_t port = 0;
  TlsFiles files;
};

// An entrance beside loopback.
struct HttpPublicEntrance {
  HttpOrigin origin;
  std::variant<HttpProxySocket, HttpTlsAddress> way;
  std::string flag = "--listen";  // what a person changes when the address is taken
};

}  // namespace earful
