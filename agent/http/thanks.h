// The thank-yous there are, newest tag first. HTTP thread.
#pragma once

#include <string>

#include "agent/http/api_context.h"
#include "base/result.h"

namespace earful::agent {

struct Thanks {
  std::string open, done;  // JSON lists
  std::string kinds;       // the same of what there may be thanks for: {"id","labels"}
};

// Those of one agent's calls; of everybody's where the reference is empty.
Result<Thanks> read_thanks(ApiContext& context, const std::string& agent_ref);

}  // namespace earful::agent
