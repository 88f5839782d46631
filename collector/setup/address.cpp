#include "collector/setup/address.h"

#include <charconv>

namespace earful::collector {

uint16_t port_of(std::string_view endpoint) {
  const size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos) return 0;
  const std::string_view text = endpoint.substr(colon + 1);
  uint16_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() ? value : uint16_t(0);
}

std::string host_of(std::string_view endpoint) {
  const size_t scheme = endpoint.find("://");
  if (scheme != std::string_view::npos) endpoint.remove_prefix(scheme + 3);
  return std::string(endpoint.substr(0, endpoint.rfind(':')));
}

std::string endpoint_fault(std::string_view endpoint) {
  if (endpoint.starts_with("ipc://") && endpoint.size() > 6) return "";
  const size_t colon = endpoint.rfind(':');
  if (!endpoint.starts_with("tcp://") || colon <= 6) return "it is not tcp://HOST:PORT";
  const std::string_view port = endpoint.substr(colon + 1);
  if (port == "*" || port == "0" || port_of(endpoint) != 0) return "";
  return "its port is not one from 0 to 65535";
}

std::string plain_endpoint(std::string endpoint) {
  constexpr std::string_view kMapped = "[::ffff:";
  const size_t at = endpoint.find(kMapped);
  if (at == std::string::npos) return endpoint;
  endpoint.erase(at, kMapped.size());
  if (const size_t bracket = endpoint.find(']', at); bracket != std::string::npos) {
    endpoint.erase(bracket, 1);
  }
  return endpoint;
}

bool is_loopback(std::string_view host) {
  return host.starts_with("127.") || host == "localhost" || host == "[::1]" || host == "::1";
}

}  // namespace earful::collector
