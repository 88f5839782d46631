// What was heard, as it is posted. Pure; any thread.
//
// Errors: E_JSON, E_FIELD, E_EVENT_ID, E_POSITION, E_RATE, E_NO_CALL.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "proto/event.h"

namespace earful::agent {

inline constexpr size_t kMaxPostedStretches = 500;  // of some fifteen seconds

struct ListeningPost {
  std::optional<EventId> event_id;
  CallId call;
  Payload payload;                // ListeningStarted, Listened or ListeningEnded
  bool so_far = false;            // a Listened that still grows
  std::optional<WallTime> clock;  // what the page's clock says as it sends this
};

Result<ListeningPost> parse_listening_post(std::string_view body);

}  // namespace earful::agent
