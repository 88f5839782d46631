#include "base/http_message.h"

#include "base/check.h"
#include "base/http_syntax.h"

namespace earful {
namespace {

const std::string* find(const HttpFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const std::string* value = find(headers, name);
  return value ? std::string_view(*value) : std::string_view();
}

bool HttpRequest::has_header(std::string_view name) const { return find(headers, name) != nullptr; }

std::optional<std::string> HttpRequest::query_value(std::string_view name) const {
  const std::string* value = find(query, name);
  if (!value) return std::nullopt;
  return *value;
}

const std::string& HttpRequest::param(std::string_view name) const {
  const std::string* value = find(params, name);
  EARFUL_CHECK(value != nullptr);
  return *value;
}

std::string_view HttpRequest::cookie(std::string_view name) const {
  std::string_view rest = header("cookie");
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name)) {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

HttpResponse HttpResponse::json(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

HttpResponse HttpResponse::text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

HttpResponse HttpResponse::error(int status, std::string_view code, std::string_view message) {
  return json(status, "{\"error\":{\"code\":" + json_quoted(code) +
                          ",\"message\":" + json_quoted(message) + "}}");
}

}  // namespace earful
