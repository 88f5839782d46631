#include "base/http_entrance.h"

#include <arpa/inet.h>

namespace earful {

HttpNames loopback_names(uint16_t port) {
  const std::string suffix = ":" + std::to_string(port);
  HttpNames names{"http", {"127.0.0.1" + suffix, "localhost" + suffix, "[::1]" + suffix}};
  if (port == 80) names.hosts.insert(names.hosts.end(), {"127.0.0.1", "localhost", "[::1]"});
  return names;
}

HttpNames public_names(const HttpOrigin& origin) { return {"https", {origin.authority}}; }

bool is_ip_address(const std::string& text) {
  in_addr v4{};
  in6_addr v6{};
  return inet_pton(AF_INET, text.c_str(), &v4) == 1 || inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

}  // namespace earful
