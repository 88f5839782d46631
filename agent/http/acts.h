// What a person did to a call, as an event, and its way to the scribe. HTTP thread.
#pragma once

#include <optional>

#include "agent/http/api_context.h"

namespace earful::agent {

// An event about a call by a person. The id was made when it happened; without one it happens now.
Event act(const std::optional<EventId>& id, const ListenerView& listener, const CallId& call_id,
          const std::optional<recorder::Call>& call);

// The same about no call.
Event act_without_call(const std::optional<EventId>& id, const ListenerView& listener);

// Sends the event and answers {"event_id","seq"} when it is durable, on the scribe's thread.
void save(ApiContext& context, Event event, const HttpResponder& responder, int status_when_new);

}  // namespace earful::agent
