// Who may use the API, and as which listener.
//
// A request carries the access token (Authorization: Bearer) or a session cookie. The cookie needs
// no memory here: it holds its expiry, its listener and a keyed hash of both under the token, so a
// page stays open across a restart, and a new token ends every session. HttpOnly, SameSite=Strict,
// and its name carries the port, because cookies of 127.0.0.1 do not know ports.
//
// Any thread; nothing changes after construction. Whatever is wrong with what was shown, the answer
// is the same bytes after the same comparison.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "base/http_message.h"
#include "base/ids.h"

namespace earful::agent {

// A page left open for weeks must go on showing ✓✓; the token lies on the same machine.
inline constexpr std::chrono::hours kSessionLength{24 * 30};

struct Caller {
  bool bearer = false;
  std::optional<ListenerId> listener;  // the session's
};

class Sessions {
 public:
  Sessions(std::string_view token, uint16_t port);

  bool is_token(std::string_view text) const;
  // Nothing: 401. The token is never taken from the address.
  std::optional<Caller> caller_of(const HttpRequest& request, WallTime now) const;
  // The value of a Set-Cookie header.
  std::string set_cookie(const std::optional<ListenerId>& listener, WallTime now) const;

  static HttpResponse unauthorized();

 private:
  std::string sign(std::string_view payload) const;
  std::optional<Caller> open_cookie(std::string_view value, WallTime now) const;

  Digest token_digest_;
  Digest cookie_key_;
  std::string cookie_name_;
};

using CallerHandler = std::function<void(const HttpRequest&, const Caller&, const HttpResponder&)>;
// Lets only callers through; an unsafe request by cookie also needs the header X-Earful, which no
// form of another page can send.
HttpHandler guarded(const Sessions& sessions, CallerHandler handler);

}  // namespace earful::agent
