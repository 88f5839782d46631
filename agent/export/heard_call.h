// A call and what was tagged in it, as it is given to other programs: names resolved, merged kinds
// under the one they went into. Read beside a running server. Errors: those of base/sqlite.h;
// E_NO_CALL.
#pragma once

#include <string>
#include <vector>

#include "agent/state/state.h"
#include "base/result.h"
#include "recorder/library/library.h"

namespace earful::agent {

struct HeardTag {
  TagView tag;
  std::string kind;   // the id it counts under
  std::string label;  // in the language asked for, else in English, else the id
  std::string family;
};

struct HeardCall {
  recorder::Call call;         // with its measures
  std::vector<HeardTag> tags;  // by position, without retracted ones
};

// state: null for a station that never served, which has no tags.
Result<HeardCall> heard_call(recorder::Library& library, State* state, const CallId& id,
                             const std::string& language);

}  // namespace earful::agent
