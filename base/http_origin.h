// The origin under which a browser knows a server: scheme, host and port (RFC 6454). Pure; any
// thread.
//
// Errors: E_ORIGIN, with what such an origin looks like.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace earful {

struct HttpOrigin {
  std::string host;       // in lower case; IPv6 without its brackets
  uint16_t port = 443;    // what a browser connects to
  std::string authority;  // what it sends as Host

  std::string text() const { return "https://" + authority; }
};

// "https://earful.example.com" or "https://earful.example.com:8443", and nothing after it. Only
// https: browsers give a page of another scheme neither workers of sound nor secure cookies.
Result<HttpOrigin> parse_public_origin(std::string_view text);

}  // namespace earful
