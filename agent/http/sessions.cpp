#include "agent/http/sessions.h"

#include <charconv>

#include "base/http_guard.h"

namespace earful::agent {
namespace {

constexpr std::string_view kBearer = "Bearer ";

}  // namespace

Sessions::Sessions(std::string_view token, uint16_t port)
    : token_digest_(generichash(token)),
      cookie_key_(generichash("earful session cookie", token)),
      cookie_name_("earful-" + std::to_string(port)) {}

bool Sessions::is_token(std::string_view text) const {
  return equal_in_constant_time(view(generichash(text)), view(token_digest_));
}

std::string Sessions::sign(std::string_view payload) const {
  return to_hex(generichash(payload, view(cookie_key_)));
}

// PAYLOAD.HASH, where PAYLOAD is EXPIRY.LISTENER in seconds and as uuid ("-" for nobody).
std::string Sessions::set_cookie(const std::optional<ListenerId>& listener, WallTime now) const {
  const auto expiry = std::chrono::floor<std::chrono::seconds>(now) + kSessionLength;
  const std::string payload = std::to_string(expiry.time_since_epoch().count()) + "." +
                              (listener ? listener->text() : std::string("-"));
  return cookie_name_ + "=" + payload + "." + sign(payload) +
         "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" +
         std::to_string(std::chrono::seconds(kSessionLength).count());
}

std::optional<Caller> Sessions::open_cookie(std::string_view value, WallTime now) const {
  const size_t dot = value.rfind('.');
  const std::string_view payload = value.substr(0, dot);
  const std::string_view hash = dot == std::string_view::npos ? "" : value.substr(dot + 1);
  const bool ours =
      equal_in_constant_time(view(generichash(hash)), view(generichash(sign(payload))));
  if (!ours) return std::nullopt;
  int64_t expiry = 0;
  const auto [end, fault] =
      std::from_chars(payload.data(), payload.data() + payload.size(), expiry);
  if (fault != std::errc() || now >= WallTime(std::chrono::seconds(expiry))) return std::nullopt;
  Caller caller;
  caller.listener = ListenerId::parse(payload.substr(size_t(end - payload.data()) + 1));
  return caller;
}

std::optional<Caller> Sessions::caller_of(const HttpRequest& request, WallTime now) const {
  // Both are always tried, so that no answer comes sooner than another.
  const std::string_view authorization = request.header("authorization");
  const bool bearer = authorization.starts_with(kBearer);
  const bool token = is_token(bearer ? authorization.substr(kBearer.size()) : "");
  std::optional<Caller> caller = open_cookie(request.cookie(cookie_name_), now);
  if (bearer) {
    if (!token) return std::nullopt;
    if (!caller) caller.emplace();
    caller->bearer = true;
  }
  return caller;
}

HttpResponse Sessions::unauthorized() {
  HttpResponse response = HttpResponse::error(
      401, "E_SESSION",
      "Open the address that earful-agent printed, or send its token as Authorization: Bearer.");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

HttpHandler guarded(const Sessions& sessions, CallerHandler handler) {
  return [&sessions, handler = std::move(handler)](const HttpRequest& request,
                                                   const HttpResponder& responder) {
    const auto caller = sessions.caller_of(request, wall_now());
    if (!caller) return responder.send(Sessions::unauthorized());
    if (!caller->bearer && !is_safe_method(request.method) && !request.has_header("x-earful")) {
      return responder.send(HttpResponse::error(
          403, "E_HEADER", "A change made with the session cookie needs the header X-Earful: 1."));
    }
    handler(request, *caller, responder);
  };
}

}  // namespace earful::agent
