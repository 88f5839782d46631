// What the one who asks has heard of a call. HTTP thread only.
#pragma once

#include "agent/http/api_context.h"

namespace earful::agent {

// A program without a session is the station's own listener.
ListenerId asking(ApiContext& context, const Caller& caller);

// How long the call is now: one that goes on grows.
Position length_of(const ApiContext& context, const recorder::Call& call);

// 0 to 1, in thousandths (agent/http/heard_share.h).
double share_of(const ApiContext& context, const recorder::Call& call, const HeardView& heard);

}  // namespace earful::agent
