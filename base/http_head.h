// The head of a request as libmicrohttpd has it: into the exchange, or refused. Internal to the
// HTTP server; HTTP thread only.
#pragma once

#include <optional>

#include "base/http_exchange.h"
#include "base/http_guard.h"

namespace earful {

// names: those the server answers under at this entrance.
std::optional<HttpRefusal> read_head(HttpExchange& exchange, const char* method,
                                     const char* version, const HttpNames& names);

}  // namespace earful
