// Sessions that a personal link has opened, at the entrance over HTTPS: bound to the link's
// listener, and over as soon as the link is removed. The console's own token and cookies open
// nothing here. HTTP thread.
//
// Errors: E_LINK, the same for everything that is wrong with what was shown.
#pragma once

#include <string>

#include "agent/http/caller.h"
#include "agent/http/personal_links.h"
#include "agent/http/session_cookie.h"
#include "base/http_message.h"
#include "base/result.h"

namespace earful::agent {

class LinkSessions {
 public:
  // token: the station's own, a second secret beside the links' hashes. port: of the public origin.
  LinkSessions(std::filesystem::path data_dir, std::string token, uint16_t port);

  Result<Caller> caller_of(const HttpRequest& request, WallTime now);
  struct Opened {
    Caller caller;
    std::string set_cookie;
  };
  Result<Opened> open(std::string_view token, WallTime now);

 private:
  SessionCookie cookie_of(const PersonalLink& link) const;
  Caller as_caller(const PersonalLink& link);

  LinkBook book_;
  const std::string token_;
  // Cookies do not know ports, so each station of a host has its own name.
  const std::string cookie_name_;
};

}  // namespace earful::agent
