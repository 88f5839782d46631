#include "base/http_head.h"

#include <algorithm>

#include "base/http_framing.h"
#include "base/http_syntax.h"

namespace earful {

std::optional<HttpRefusal> read_head(HttpExchange& exchange, const char* method,
                                     const char* version, const HttpNames& names) {
  HttpRequest& request = exchange.request;
  request.method = method;
  const size_t mark = std::min(exchange.target.find('?'), exchange.target.size());
  request.path = exchange.target.substr(0, mark);
  const HttpFraming framing = read_fields(exchange.connection, request.headers);
  if (!is_clean_framing(framing, method, exchange.target_in_buffer, exchange.target.size(),
                        version)) {
    HttpRefusal refused{"framing", HttpResponse::error(400, "E_FRAMING",
                                                       "Lines must end in CR LF and hold no NUL.")};
    refused.response.close = true;
    return refused;
  }
  if (auto refused = refuse_request(request, framing.header_bytes, names)) return refused;
  auto query = parse_query(
      std::string_view(exchange.target).substr(std::min(mark + 1, exchange.target.size())));
  if (!query) {
    return HttpRefusal{"query",
                       HttpResponse::error(400, "E_QUERY",
                                           "The query must be name=value pairs, each name once, "
                                           "percent-encoded UTF-8.")};
  }
  request.query = std::move(*query);
  return std::nullopt;
}

}  // namespace earful
