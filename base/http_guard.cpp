#include "base/http_guard.h"

#include <algorithm>

#include "base/http_syntax.h"

namespace earful {
namespace {

HttpRefusal refusal(std::string reason, int status, std::string_view code,
                    std::string_view message) {
  HttpResponse response = HttpResponse::error(status, code, message);
  response.close = true;
  return {std::move(reason), std::move(response)};
}

size_t count(const HttpRequest& request, std::string_view name) {
  return size_t(std::count_if(request.headers.begin(), request.headers.end(),
                              [&](const auto& field) { return field.first == name; }));
}

bool allowed(const std::vector<std::string>& hosts, std::string_view host) {
  return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  }
  return out;
}

// RFC 9110, 5.6.2: what a field name is made of.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (uint8_t(c) < 0x20 && c != '\t') || c == 0x7f; });
}

std::optional<HttpRefusal> refuse_spelling(const HttpRequest& request) {
  bool clean = !has_control(request.path) && is_token(request.method);
  for (const auto& [name, value] : request.headers) {
    clean = clean && is_token(name) && !has_control(value);
  }
  if (clean) return std::nullopt;
  return refusal("framing", 400, "E_FRAMING",
                 "A header holds a character that may not stand there.");
}

std::optional<HttpRefusal> refuse_peer(const HttpRequest& request, const HttpNames& names) {
  if (count(request, "host") != 1) {
    return refusal("host", 400, "E_HOST", "The request must name exactly one Host.");
  }
  const std::string host = lower(request.header("host"));
  if (!allowed(names.hosts, host)) {
    HttpRefusal misdirected{"host", {}};
    misdirected.response.status = 421;
    misdirected.response.close = true;
    return misdirected;
  }
  if (request.has_header("origin") &&
      (count(request, "origin") != 1 ||
       lower(request.header("origin")) != names.scheme + "://" + host)) {
    return refusal("origin", 403, "E_ORIGIN",
                   "Pages of other sites may not speak to this server; open its own address.");
  }
  return std::nullopt;
}

std::optional<HttpRefusal> refuse_body(const HttpRequest& request) {
  const size_t lengths = count(request, "content-length");
  if (request.has_header("transfer-encoding")) {
    if (lengths > 0) {
      return refusal("framing", 400, "E_FRAMING",
                     "Content-Length and Transfer-Encoding exclude each other.");
    }
    return refusal("framing", 411, "E_LENGTH",
                   "Chunked uploads are not taken; send a Content-Length.");
  }
  if (lengths > 1) {
    return refusal("framing", 400, "E_FRAMING", "There must be only one Content-Length.");
  }
  if (lengths == 0) return std::nullopt;
  const std::string_view text = request.header("content-length");
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return refusal("framing", 400, "E_FRAMING", "Content-Length must be a number.");
  }
  // Seven digits hold every length that is allowed; longer ones need not be counted out.
  const size_t length =
      text.size() > 7 ? kMaxHttpBodyBytes + 1 : size_t(std::stoul(std::string(text)));
  if (length > kMaxHttpBodyBytes) {
    return refusal("size", 413, "E_SIZE", "The body is over 64 KiB; send less at once.");
  }
  if (length > 0 && !is_media_type(request.header("content-type"), "application/json")) {
    return refusal("type", 415, "E_MEDIA_TYPE", "Send the body as Content-Type: application/json.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<HttpRefusal> refuse_request(const HttpRequest& request, size_t header_bytes,
                                          const HttpNames& names) {
  if (header_bytes > kMaxHttpHeaderBytes) {
    return refusal("header", 431, "E_HEADER_SIZE", "The header is over 32 KiB; send less of it.");
  }
  if (auto refused = refuse_spelling(request)) return refused;
  if (auto refused = refuse_peer(request, names)) return refused;
  return refuse_body(request);
}

bool is_safe_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace earful
