// Who the reverse proxy says is there: one header, which it sets on every request and takes away
// from whatever a client sends. Believed only of requests that came by the proxy's socket.
//
// The header's value names the listener: its id is a keyed hash of it, so that every station of a
// site, which share the key, means the same person by it. HTTP thread.
//
// Errors: E_IDENTITY nobody is named; E_IDENTITY_VALUE what is there cannot be a name.
#pragma once

#include <functional>
#include <string>

#include "agent/http/caller.h"
#include "base/http_message.h"
#include "base/result.h"

namespace earful::agent {

class ProxyIdentity {
 public:
  struct Options {
    std::string header;       // in lower case
    std::string name_header;  // of what the person is called; "" for the value itself
    std::function<std::string()> key;
  };
  explicit ProxyIdentity(Options options) : options_(std::move(options)) {}

  Result<Caller> caller_of(const HttpRequest& request) const;

 private:
  const Options options_;
};

// The same value under the same key is always the same listener.
ListenerId listener_of_identity(const std::string& value, const std::string& key);

}  // namespace earful::agent
