// Parts of "tcp://host:port". Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace earful::collector {

// 0 where there is none.
uint16_t port_of(std::string_view endpoint);
// Brackets kept.
std::string host_of(std::string_view endpoint);
// "" for tcp://HOST:PORT with a port from 0 to 65535 or *, and ipc://PATH; otherwise what is wrong.
// A port past the range would silently become another one.
std::string endpoint_fault(std::string_view endpoint);
// A socket that speaks IPv6 too reports 127.0.0.1 as [::ffff:127.0.0.1]; people and files get the
// plain form.
std::string plain_endpoint(std::string endpoint);
bool is_loopback(std::string_view host);

}  // namespace earful::collector
