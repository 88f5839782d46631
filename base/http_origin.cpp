#include "base/http_origin.h"

#include <arpa/inet.h>

#include <charconv>
#include <optional>

namespace earful {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr uint16_t kDefaultPort = 443;
constexpr size_t kMaxHostBytes = 253;  // RFC 1035

bool is_host(const std::string& host, bool bracketed) {
  in6_addr address{};
  if (bracketed) return inet_pton(AF_INET6, host.c_str(), &address) == 1;
  return !host.empty() && host.size() <= kMaxHostBytes && host.front() != '.' &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
}

std::optional<uint16_t> port_of(std::string_view text) {
  uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<HttpOrigin> parse_public_origin(std::string_view text) {
  const Error wrong{"E_ORIGIN", "public_origin is \"" + std::string(text) +
                                    "\"; it must be the address people open, scheme and host and "
                                    "nothing after them, as \"https://earful.example.com\""};
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  }
  if (!lower.starts_with(kScheme)) return wrong;
  HttpOrigin origin;
  origin.authority = lower.substr(kScheme.size());
  std::string_view rest = origin.authority;
  const bool bracketed = rest.starts_with('[');
  const size_t host_end = bracketed ? rest.find(']') : rest.find(':');
  origin.host = rest.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  if (bracketed && host_end == std::string_view::npos) return wrong;
  rest = host_end == std::string_view::npos ? "" : rest.substr(host_end + (bracketed ? 1 : 0));
  if (!is_host(origin.host, bracketed)) return wrong;
  if (rest.empty()) return origin;
  const auto port = rest.starts_with(':') ? port_of(rest.substr(1)) : std::nullopt;
  if (!port) return wrong;
  // A browser leaves it out of Host and Origin, so nothing it sends would ever agree.
  if (*port == kDefaultPort) {
    return Error{"E_ORIGIN",
                 "public_origin is \"" + std::string(text) + "\"; leave out :443, as browsers do"};
  }
  origin.port = *port;
  return origin;
}

}  // namespace earful
