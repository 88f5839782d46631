// What a server must refuse before a handler sees it: a page of another site that reaches us
// through the browser (wrong Host, foreign Origin), and messages whose framing two parties could
// read differently. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/http_entrance.h"
#include "base/http_message.h"

namespace earful {

// A request line with its header: cookies and filters are far below; libmicrohttpd keeps it in
// memory.
inline constexpr size_t kMaxHttpHeaderBytes = 32 * 1024;
// The longest body anybody posts is a tag with a note of 4 KiB, escaped six times over.
inline constexpr size_t kMaxHttpBodyBytes = 64 * 1024;

struct HttpRefusal {
  std::string reason;  // a short name for the counter
  HttpResponse response;
};

// header_bytes as received, final empty line included. names: of the request's entrance.
std::optional<HttpRefusal> refuse_request(const HttpRequest& request, size_t header_bytes,
                                          const HttpNames& names);

// GET, HEAD and OPTIONS change nothing.
bool is_safe_method(std::string_view method);

}  // namespace earful
