// The head of a request as libmicrohttpd has it: into the exchange, or refused. Internal to the
// HTTP server; HTTP thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/http_exchange.h"
#include "base/http_guard.h"

namespace earful {

// hosts: the names the server answers under.
std::optional<HttpRefusal> read_head(HttpExchange& exchange, const char* method,
                                     const char* version, const std::vector<std::string>& hosts);

}  // namespace earful
