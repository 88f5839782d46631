#include "agent/http/proxy_identity.h"

#include <algorithm>

#include "agent/http/listener_name.h"
#include "base/hash.h"
#include "base/http_syntax.h"
#include "base/text.h"

namespace earful::agent {
namespace {

// "" where the header is missing or empty, which means the same: nginx leaves out empty ones.
Result<std::string> read_once(const HttpRequest& request, const std::string& header) {
  const auto is_it = [&](const auto& field) { return field.first == header; };
  const auto count = std::count_if(request.headers.begin(), request.headers.end(), is_it);
  const std::string value(request.header(header));
  const auto wrong = [&](const char* what) {
    return Error{"E_IDENTITY_VALUE", "The proxy sent the header " + header + " " + what +
                                         "; tell whoever looks after it."};
  };
  if (count > 1) return wrong("more than once");
  if (value.size() > kMaxNameBytes) return wrong("with more than 200 bytes");
  if (!is_utf8(value)) return wrong("with bytes that are not UTF-8");
  if (has_controls(value)) return wrong("with control characters");
  return value;
}

}  // namespace

ListenerId listener_of_identity(const std::string& value, const std::string& key) {
  const Digest own_key = generichash("earful listener by proxy", key);
  return {make_uuid_v8(view(generichash(value, view(own_key))))};
}

Result<Caller> ProxyIdentity::caller_of(const HttpRequest& request) const {
  EARFUL_ASSIGN(const std::string value, read_once(request, options_.header));
  if (value.empty()) {
    return Error{"E_IDENTITY",
                 "The proxy did not say who you are: sign in there, then open this "
                 "page again."};
  }
  std::string name;
  if (!options_.name_header.empty()) {
    EARFUL_ASSIGN(name, read_once(request, options_.name_header));
  }
  return Caller{.listener = listener_of_identity(value, options_.key()),
                .bound = true,
                .name = name.empty() ? value : name};
}

}  // namespace earful::agent
