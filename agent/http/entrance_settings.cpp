#include "agent/http/entrance_settings.h"

#include <algorithm>
#include <charconv>

#include "base/clock.h"
#include "base/log.h"

namespace earful::agent {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr size_t kMaxHeaderNameBytes = 64;

constexpr ConfigKey kKeys[] = {
    {.section = "http",
     .name = "port",
     .type = ConfigType::kPort,
     .fallback = "7370",
     .help = "The console and the API, on 127.0.0.1."},
    {.section = "http",
     .name = "listen",
     .type = ConfigType::kText,
     .fallback = "",
     .help =
         "For people on other machines, beside that port: \"unix:/run/earful-agent/console.sock\"\n"
         "behind a reverse proxy that knows them, or \"ADDRESS:PORT\" over TLS with personal\n"
         "links. See docs/operations.md."},
    {.section = "http",
     .name = "public_origin",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "What they open, as \"https://earful.example.com\"."},
    {.section = "http",
     .name = "identity_header",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "The header in which the proxy says who is there, as \"X-Forwarded-User\". The proxy "
             "must\n"
             "take it away from what clients send."},
    {.section = "http",
     .name = "identity_name_header",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "A header with what to call them, where that is something else."},
    {.section = "http",
     .name = "socket_group",
     .type = ConfigType::kText,
     .fallback = "",
     .help =
         "The group that may connect to the socket, as the proxy's \"www-data\"; this program's\n"
         "user must belong to it. By default the program's own."},
    {.section = "http",
     .name = "tls_cert",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "A PEM file with the certificate and its chain."},
    {.section = "http",
     .name = "tls_key",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "Its key; others may not read it."},
};

Error wrong(const std::string& what) { return {"E_LISTEN", what}; }

Error both_ways(const std::string& what) {
  return wrong(what +
               ": other machines are served either at unix:PATH behind a reverse proxy "
               "(with identity_header), or at ADDRESS:PORT with --tls-cert and --tls-key; this "
               "machine at --port");
}

// RFC 9110, 5.6.2, and none that means something already.
bool is_free_header(const std::string& name) {
  static constexpr std::string_view kTaken[] = {
      "host",         "origin",    "cookie",         "authorization",
      "x-earful",     "accept",    "content-length", "transfer-encoding",
      "content-type", "connection"};
  return !name.empty() && name.size() <= kMaxHeaderNameBytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos &&
         std::find(std::begin(kTaken), std::end(kTaken), name) == std::end(kTaken);
}

Result<std::string> header_name(const std::string& key, std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  }
  if (is_free_header(name)) return name;
  return wrong(key + " is \"" + name + "\"; it must be a header of its own, as X-Forwarded-User");
}

Result<ApiEntrance> behind_proxy(const EntranceText& text) {
  ApiEntrance entrance;
  if (!text.tls_cert.empty() || !text.tls_key.empty()) {
    return wrong("--listen " + text.listen +
                 ": TLS is the proxy's there; leave out tls_cert and "
                 "tls_key");
  }
  if (text.identity_header.empty()) {
    return wrong("--listen " + text.listen +
                 ": identity_header is missing; set it to the header "
                 "in which the proxy says who is there");
  }
  EARFUL_ASSIGN(entrance.identity_header, header_name("identity_header", text.identity_header));
  if (!text.identity_name_header.empty()) {
    EARFUL_ASSIGN(entrance.identity_name_header,
                  header_name("identity_name_header", text.identity_name_header));
  }
  entrance.http.way = HttpProxySocket{text.listen.substr(kUnix.size()), text.socket_group};
  return entrance;
}

Result<ApiEntrance> over_tls(const EntranceText& text) {
  const size_t colon = text.listen.rfind(':');
  std::string address = text.listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  const std::string port_text = colon == std::string::npos ? "" : text.listen.substr(colon + 1);
  HttpTlsAddress way{.address = address};
  const auto [end, fault] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), way.port);
  if (!is_ip_address(address) || fault != std::errc() ||
      end != port_text.data() + port_text.size() || way.port == 0) {
    return both_ways("--listen " + text.listen + " is no address with a port, as 10.0.0.5:8443");
  }
  if (text.tls_cert.empty() || text.tls_key.empty()) {
    return both_ways("--listen " + text.listen + " would be without TLS");
  }
  if (!text.identity_header.empty() || !text.identity_name_header.empty() ||
      !text.socket_group.empty()) {
    return both_ways("--listen " + text.listen +
                     ": identity_header and socket_group are for a socket; anybody could send "
                     "that header here");
  }
  ApiEntrance entrance;
  entrance.http.way = std::move(way);
  return entrance;
}

}  // namespace

std::span<const ConfigKey> http_keys() { return kKeys; }

EntranceText entrance_text(const Config& settings) {
  const auto text = [&](std::string_view name) { return settings.text("http", name); };
  return {.listen = text("listen"),
          .public_origin = text("public_origin"),
          .identity_header = text("identity_header"),
          .identity_name_header = text("identity_name_header"),
          .socket_group = text("socket_group"),
          .tls_cert = text("tls_cert"),
          .tls_key = text("tls_key")};
}

Result<std::optional<ApiEntrance>> settle_entrance(const EntranceText& text) {
  if (text.listen.empty()) {
    // public_origin alone is also what `earful-agent listener` reads.
    if (text.tls_cert.empty() && text.tls_key.empty() && text.identity_header.empty() &&
        text.identity_name_header.empty() && text.socket_group.empty()) {
      return std::optional<ApiEntrance>();
    }
    return both_ways("TLS or a header is set, but listen is not");
  }
  const bool proxy = text.listen.starts_with(kUnix);
  EARFUL_ASSIGN(ApiEntrance entrance, proxy ? behind_proxy(text) : over_tls(text));
  if (text.public_origin.empty()) {
    return wrong("--listen " + text.listen +
                 ": public_origin is missing; set it to the address people open, as "
                 "\"https://earful.example.com\"");
  }
  EARFUL_ASSIGN(entrance.http.origin, parse_public_origin(text.public_origin));
  return std::optional(std::move(entrance));
}

Result<void> load_tls(const EntranceText& text, ApiEntrance& entrance) {
  auto* way = std::get_if<HttpTlsAddress>(&entrance.http.way);
  if (!way) return {};
  EARFUL_ASSIGN(way->files,
                read_tls_files(text.tls_cert, text.tls_key, entrance.http.origin.host, wall_now()));
  if (!way->files.warning.empty()) log_warn("serve", {{"warning", way->files.warning}});
  return {};
}

}  // namespace earful::agent
