// A call as a vCon (draft-ietf-vcon-vcon-core-04), unsigned JSON. Party 0 is the agent, party 1 the
// customer, as the two channels of the recording are; the customer stands there without a name or
// number, which never leave the station. Tags, measures and notes about the recording are one
// analysis each. The sound itself is named, not enclosed. Pure; any thread.
#pragma once

#include <string>

#include "agent/export/heard_call.h"
#include "base/clock.h"

namespace earful::agent {

// Its uuid is version 8, of the content: the same call with the same tags is the same vCon.
std::string vcon_json(const HeardCall& call, WallTime now);

}  // namespace earful::agent
