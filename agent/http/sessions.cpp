#include "agent/http/sessions.h"

#include "agent/http/api_error.h"
#include "base/check.h"
#include "base/http_guard.h"

namespace earful::agent {
namespace {

constexpr std::string_view kBearer = "Bearer ";

bool is_open_to_agents(const HttpRequest& request) {
  return request.method == "GET" &&
         (request.path == "/api/v1/mine" || request.path == "/api/v1/session");
}

}  // namespace

Sessions::Sessions(std::string_view token, uint16_t port)
    : token_digest_(generichash(token)),
      cookie_("earful-" + std::to_string(port), generichash("earful session cookie", token),
              false) {}

bool Sessions::is_token(std::string_view text) const {
  return equal_in_constant_time(view(generichash(text)), view(token_digest_));
}

std::string Sessions::set_cookie(const std::optional<ListenerId>& listener, WallTime now) const {
  return cookie_.set(listener, now);
}

std::optional<Caller> Sessions::caller_of(const HttpRequest& request, WallTime now) const {
  // Both are always tried, so that no answer comes sooner than another.
  const std::string_view authorization = request.header("authorization");
  const bool bearer = authorization.starts_with(kBearer);
  const bool token = is_token(bearer ? authorization.substr(kBearer.size()) : "");
  const auto session = cookie_.open(request.cookie(cookie_.name()), now);
  if (bearer ? !token : !session) return std::nullopt;
  return Caller{.bearer = bearer, .listener = session ? session->listener : std::nullopt};
}

Result<Caller> Sessions::admit(const HttpRequest& request, WallTime now) const {
  switch (request.entrance) {
    case HttpEntrance::kLoopback: {
      auto caller = caller_of(request, now);
      return caller ? Result<Caller>(std::move(*caller)) : unauthorized();
    }
    case HttpEntrance::kProxy:
      EARFUL_CHECK(proxy.has_value());
      return proxy->caller_of(request);
    case HttpEntrance::kNetwork:
      EARFUL_CHECK(links != nullptr);
      return links->caller_of(request, now);
  }
  return unauthorized();
}

Error Sessions::unauthorized() {
  return {
      "E_SESSION",
      "Open the address that earful-agent printed, or send its token as Authorization: Bearer."};
}

HttpHandler guarded(const Sessions& sessions, CallerHandler handler) {
  return [&sessions, handler = std::move(handler)](const HttpRequest& request,
                                                   const HttpResponder& responder) {
    auto caller = sessions.admit(request, wall_now());
    if (!caller.ok()) return responder.send(refusal(caller.error()));
    if (!caller->bearer && !is_safe_method(request.method) && !request.has_header("x-earful")) {
      return responder.send(HttpResponse::error(
          403, "E_HEADER", "A change made with the session cookie needs the header X-Earful: 1."));
    }
    if (!caller->agent_ref.empty() && !is_open_to_agents(request)) {
      return responder.send(refusal(
          {"E_AGENT", "Your link shows what was heard of your own calls, and nothing else."}));
    }
    if (caller->bound && caller->agent_ref.empty() && sessions.on_vouched) {
      const ListenerView who = sessions.on_vouched({*caller->listener, caller->name});
      caller->listener = who.id;
      caller->name = who.name;
    }
    handler(request, *caller, responder);
  };
}

}  // namespace earful::agent
