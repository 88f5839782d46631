#include "agent/http/link_sessions.h"

namespace earful::agent {
namespace {

Error no_link() {
  return {"E_LINK", "Open your personal link; if it no longer works, ask for a new one."};
}

}  // namespace

LinkSessions::LinkSessions(std::filesystem::path data_dir, std::string token, uint16_t port)
    : book_(std::move(data_dir)),
      token_(std::move(token)),
      cookie_name_("__Host-earful-" + std::to_string(port)) {}

// The key goes with the link: without it no cookie can be opened any more.
SessionCookie LinkSessions::cookie_of(const PersonalLink& link) const {
  return {cookie_name_, generichash("earful link session " + link.token_hash, token_), true};
}

Caller LinkSessions::as_caller(const PersonalLink& link) {
  return {.listener = link.listener,
          .bound = true,
          .name = link.name,
          .agent_ref = link.agent_ref,
          .may_stay = [this, listener = link.listener, hash = link.token_hash] {
            const PersonalLink* now = book_.of_listener(listener);
            return now && now->token_hash == hash;
          }};
}

Result<Caller> LinkSessions::caller_of(const HttpRequest& request, WallTime now) {
  const std::string_view value = request.cookie(cookie_name_);
  const auto claimed = SessionCookie::claimed(value);
  const PersonalLink* link = claimed ? book_.of_listener(*claimed) : nullptr;
  if (!link || !cookie_of(*link).open(value, now)) return no_link();
  return as_caller(*link);
}

Result<LinkSessions::Opened> LinkSessions::open(std::string_view token, WallTime now) {
  const PersonalLink* link = book_.of_token(token);
  if (!link) return no_link();
  return Opened{as_caller(*link), cookie_of(*link).set(link->listener, now)};
}

}  // namespace earful::agent
