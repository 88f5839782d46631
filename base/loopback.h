// Looks from the outside at what listens: does anybody answer on a TCP port, and what does a
// program of ours say there over HTTP. Blocking, for commands. Any thread.
//
// Errors: E_AWAY nobody listens, or not in time; E_HOST the name leads nowhere; E_STRANGER what
// answers is not ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace earful {

// host: a name or an address; of IPv6 with brackets or without.
Result<void> try_connect(const std::string& host, uint16_t port);

// The body of "GET path" at 127.0.0.1, of a 200 or 503.
Result<std::string> get_from_loopback(uint16_t port, std::string_view path);

}  // namespace earful
