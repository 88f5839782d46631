// Who may use the API, and as which listener, by the entrance a request came through:
//
// - loopback: the access token (Authorization: Bearer), or a session cookie that it has opened. The
//   cookie's name carries the port, because cookies of 127.0.0.1 do not know ports. Who listens is
//   what the person says.
// - the proxy's socket: what the proxy says (proxy_identity.h), and nothing else.
// - HTTPS: a session that a personal link has opened (link_sessions.h), and nothing else.
//
// HTTP thread. Whatever is wrong with what was shown, the answer at an entrance is the same bytes
// after the same comparison.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/http/caller.h"
#include "agent/http/link_sessions.h"
#include "agent/http/proxy_identity.h"
#include "agent/http/session_cookie.h"
#include "agent/state/state.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/http_message.h"
#include "base/result.h"

namespace earful::agent {

class Sessions {
 public:
  Sessions(std::string_view token, uint16_t port);

  // Of the entrances that are open beside loopback.
  std::optional<ProxyIdentity> proxy;
  std::unique_ptr<LinkSessions> links;
  // Called with each listener who is vouched for, before the request is handled; answers who that
  // is now, perhaps merged into another.
  std::function<ListenerView(const ListenerView&)> on_vouched;

  // E_SESSION, E_IDENTITY, E_IDENTITY_VALUE, E_LINK. The token is never taken from the address.
  Result<Caller> admit(const HttpRequest& request, WallTime now) const;

  // Of loopback.
  bool is_token(std::string_view text) const;
  std::optional<Caller> caller_of(const HttpRequest& request, WallTime now) const;
  // The value of a Set-Cookie header.
  std::string set_cookie(const std::optional<ListenerId>& listener, WallTime now) const;

  static Error unauthorized();

 private:
  Digest token_digest_;
  SessionCookie cookie_;
};

using CallerHandler = std::function<void(const HttpRequest&, const Caller&, const HttpResponder&)>;
// Lets only callers through; an unsafe request without the bearer token also needs the header
// X-Earful, which no form of another page can send.
HttpHandler guarded(const Sessions& sessions, CallerHandler handler);

}  // namespace earful::agent
