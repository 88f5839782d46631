// Who makes a request, as an entrance has found out.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/ids.h"

namespace earful::agent {

struct Caller {
  bool bearer = false;
  std::optional<ListenerId> listener;  // the session's
  // A proxy or a personal link vouches for who this is: the listener is there, and stays.
  bool bound = false;
  std::string name;  // of a bound caller
  // An agent, by a link of their own: sees what concerns their own calls, and nothing else.
  std::string agent_ref;
  // HTTP thread: what a long answer asks before it goes on. Empty: always.
  std::function<bool()> may_stay;
};

}  // namespace earful::agent
