// A session that needs no memory here: the cookie holds its expiry, its listener and a keyed hash
// of both, so a page stays open across a restart. HttpOnly, SameSite=Strict. Any thread; nothing
// changes after construction.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "base/ids.h"

namespace earful::agent {

// A page left open for weeks must go on showing ✓✓.
inline constexpr std::chrono::hours kSessionLength{24 * 30};

class SessionCookie {
 public:
  // secure: only over HTTPS. name then begins with "__Host-", so that no other host can set it.
  SessionCookie(std::string name, const Digest& key, bool secure)
      : name_(std::move(name)), key_(key), secure_(secure) {}

  const std::string& name() const { return name_; }
  // The value of a Set-Cookie header.
  std::string set(const std::optional<ListenerId>& listener, WallTime now) const;
  // The listener of a session that is ours and has not expired; nothing otherwise.
  struct Session {
    std::optional<ListenerId> listener;
  };
  std::optional<Session> open(std::string_view value, WallTime now) const;
  // Whom the cookie says it is of, believed by nobody yet.
  static std::optional<ListenerId> claimed(std::string_view value);

 private:
  std::string sign(std::string_view payload) const;

  std::string name_;
  Digest key_;
  bool secure_;
};

}  // namespace earful::agent
