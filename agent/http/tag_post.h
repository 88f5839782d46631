// A tag as it is posted, and where that puts it in the call. Pure; any thread.
//
// start = pressed - lead x rate and end = (end, or released) + lag x rate, cut to the call: lead
// and lag are how long a person takes to react, and at double speed more of the call goes by
// meanwhile.
//
// Errors: E_JSON, E_FIELD, E_EVENT_ID, E_POSITION, E_RATE, E_NOTE_SIZE, E_KIND.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/state/state.h"
#include "base/ids.h"
#include "base/result.h"
#include "proto/event.h"

namespace earful::agent {

class JsonFields;

inline constexpr double kMinPlaybackRate = 0.25;
inline constexpr double kMaxPlaybackRate = 4.0;

struct TagPost {
  std::optional<EventId> event_id;
  CallId call;
  std::string kind;
  double pressed_ms = 0;
  double released_ms = 0;
  std::optional<double> end_ms;
  double playback_rate = 1;
  std::string note;
  Input input = Input::kApi;
  bool live = false;
  bool closed_by_leaving = false;
};
Result<TagPost> parse_tag_post(std::string_view body);

// Puts a tag into a call of this length. live: so far; what comes after the press is still to come,
// so the lag is not cut.
Result<Tagged> place_tag(const TagPost& post, const TagKind& kind, Position duration,
                         bool live = false);

struct TagRevision {
  std::optional<EventId> event_id;
  std::optional<std::string> note;
  std::optional<std::string> kind;
  std::optional<double> start_ms;
  std::optional<double> end_ms;
};
Result<TagRevision> parse_tag_revision(std::string_view body);
// What is still unchanged comes from the tag. duration: nothing where the call is not here.
Result<TagRevised> place_revision(const TagRevision& revision, const TagView& tag,
                                  std::optional<Position> duration);

// The field event_id, if it is there.
Result<std::optional<EventId>> read_event_id(JsonFields& fields);

// A body that may hold nothing but an event_id.
Result<std::optional<EventId>> parse_event_id_only(std::string_view body);

// The kind, if it may be used for new tags; otherwise what to use instead.
Result<TagKind> usable_kind(const std::optional<KindView>& known, const std::string& id);

}  // namespace earful::agent
