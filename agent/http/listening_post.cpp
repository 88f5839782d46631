#include "agent/http/listening_post.h"

#include <cmath>

#include "agent/http/json_fields.h"
#include "agent/http/tag_post.h"

namespace earful::agent {
namespace {

constexpr double kMaxMs = 7.0 * 24 * 3600 * 1000;  // no call is longer

Result<std::vector<Interval>> stretches_of(const std::vector<std::pair<double, double>>& pairs,
                                           const std::string& field) {
  if (pairs.size() > kMaxPostedStretches) {
    return Error{"E_POSITION", field + " may hold 500 stretches; send the rest apart."};
  }
  std::vector<Interval> stretches;
  for (const auto& [from, to] : pairs) {
    if (!(std::isfinite(from) && from >= 0 && to > from && to <= kMaxMs)) {
      return Error{"E_POSITION",
                   "Each of " + field + " must be [from, to] in milliseconds, from before to."};
    }
    stretches.push_back({position_of_ms(from), position_of_ms(to)});
  }
  return stretches;
}

}  // namespace

Result<ListeningPost> parse_listening_post(std::string_view body) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(body));
  ListeningPost post;
  EARFUL_ASSIGN(post.event_id, read_event_id(fields));
  const std::string what = fields.required_text("what");
  if (const auto now_ms = fields.number("now_ms")) {
    if (!(*now_ms >= 0 && *now_ms < 1e14)) {
      return Error{"E_FIELD", "The field now_ms must be milliseconds since 1970."};
    }
    post.clock = WallTime(std::chrono::milliseconds(int64_t(*now_ms)));
  }
  const auto call = CallId::parse(fields.required_text("call_id"));
  const auto listening = EventId::parse(fields.required_text("listening"));
  if (what == "started") {
    post.payload =
        ListeningStarted{listening.value_or(EventId{}), fields.boolean("live").value_or(false)};
  } else if (what == "heard") {
    Listened heard{.listening = listening.value_or(EventId{})};
    heard.playback_rate = fields.number("playback_rate").value_or(1.0);
    heard.opened_early = fields.boolean("opened_early").value_or(false);
    const auto pairs = fields.pairs("intervals");
    const auto skipped = fields.pairs("skipped_silence");
    post.so_far = fields.boolean("so_far").value_or(false);
    EARFUL_TRY(fields.finish());
    EARFUL_ASSIGN(heard.intervals, stretches_of(pairs, "intervals"));
    EARFUL_ASSIGN(heard.skipped_silence, stretches_of(skipped, "skipped_silence"));
    if (post.so_far && !post.event_id) {
      return Error{"E_EVENT_ID", "With so_far the event_id must be that of the word to come."};
    }
    if (!(heard.playback_rate >= kMinPlaybackRate && heard.playback_rate <= kMaxPlaybackRate)) {
      return Error{"E_RATE", "playback_rate must be from 0.25 to 4."};
    }
    post.payload = std::move(heard);
  } else if (what == "ended") {
    post.payload = ListeningEnded{listening.value_or(EventId{})};
  } else if (!what.empty()) {
    return Error{"E_FIELD", "The field what must be started, heard or ended."};
  }
  EARFUL_TRY(fields.finish());
  if (!call) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  if (!listening || listening->is_zero()) {
    return Error{"E_FIELD", "The field listening must be a UUID, the same for one stay at a call."};
  }
  post.call = *call;
  return post;
}

}  // namespace earful::agent
