#include "base/http_router.h"

#include <algorithm>
#include <optional>

#include "base/check.h"

namespace earful {
namespace {

// "/a/b" is "a", "b"; "/" is one empty segment.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_param(std::string_view segment) { return segment.starts_with('{'); }

bool fits_param(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  return !text.empty() && text != "." && text != ".." &&
         text.find_first_not_of(kPlain) == std::string_view::npos;
}

std::optional<HttpFields> fit(const std::vector<std::string>& pattern,
                              const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  HttpFields params;
  for (size_t i = 0; i < path.size(); ++i) {
    if (is_param(pattern[i])) {
      if (!fits_param(path[i])) return std::nullopt;
      params.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return params;
}

}  // namespace

void HttpRouter::add(std::string_view method, std::string_view pattern, HttpHandler handler) {
  EARFUL_CHECK(pattern.starts_with('/'));
  routes_.push_back({std::string(method), split(pattern), std::move(handler)});
}

HttpRouter::Match HttpRouter::match(std::string_view method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  const std::vector<std::string> segments = split(path);
  if (method == "HEAD") method = "GET";
  for (const Route& route : routes_) {
    auto params = fit(route.segments, segments);
    if (!params) continue;
    if (route.method == method) return {&route.handler, std::move(*params), ""};
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method;
    if (route.method == "GET") match.allow += ", HEAD";
  }
  return match;
}

}  // namespace earful
