#include "agent/http/session_cookie.h"

#include <charconv>

namespace earful::agent {
namespace {

// PAYLOAD.HASH, where PAYLOAD is EXPIRY.LISTENER in seconds and as uuid ("-" for nobody).
struct Parts {
  std::string_view payload, hash;
  int64_t expiry = 0;
  std::string_view listener;
};

std::optional<Parts> split(std::string_view value) {
  const size_t dot = value.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  Parts parts{.payload = value.substr(0, dot), .hash = value.substr(dot + 1)};
  const std::string_view text = parts.payload;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), parts.expiry);
  if (fault != std::errc() || end == text.data() + text.size()) return std::nullopt;
  parts.listener = text.substr(size_t(end - text.data()) + 1);
  return parts;
}

}  // namespace

std::string SessionCookie::sign(std::string_view payload) const {
  return to_hex(generichash(payload, view(key_)));
}

std::string SessionCookie::set(const std::optional<ListenerId>& listener, WallTime now) const {
  const auto expiry = std::chrono::floor<std::chrono::seconds>(now) + kSessionLength;
  const std::string payload = std::to_string(expiry.time_since_epoch().count()) + "." +
                              (listener ? listener->text() : std::string("-"));
  return name_ + "=" + payload + "." + sign(payload) + "; HttpOnly; SameSite=Strict; Path=/" +
         (secure_ ? "; Secure" : "") +
         "; Max-Age=" + std::to_string(std::chrono::seconds(kSessionLength).count());
}

std::optional<SessionCookie::Session> SessionCookie::open(std::string_view value,
                                                          WallTime now) const {
  const auto parts = split(value).value_or(Parts{});
  const bool ours =
      equal_in_constant_time(view(generichash(parts.hash)), view(generichash(sign(parts.payload))));
  if (!ours || now >= WallTime(std::chrono::seconds(parts.expiry))) return std::nullopt;
  return Session{ListenerId::parse(parts.listener)};
}

std::optional<ListenerId> SessionCookie::claimed(std::string_view value) {
  const auto parts = split(value);
  return parts ? ListenerId::parse(parts->listener) : std::nullopt;
}

}  // namespace earful::agent
