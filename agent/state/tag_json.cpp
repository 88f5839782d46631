#include "agent/state/tag_json.h"

#include <nlohmann/json.hpp>

namespace earful::agent {

std::string tag_json(const TagView& tag) {
  using Json = nlohmann::ordered_json;
  const Json out{{"event_id", tag.id.text()},
                 {"call_id", tag.call.text()},
                 {"kind", tag.kind},
                 {"position_ms", position_ms(tag.position)},
                 {"start_ms", position_ms(tag.start)},
                 {"end_ms", position_ms(tag.end)},
                 {"note", tag.note},
                 {"listener", {{"id", tag.listener.text()}, {"name", tag.listener_name}}},
                 {"state", tag.in_store ? "delivered" : "saved"},
                 {"seq", tag.seq},
                 {"own", tag.own},
                 {"retracted", tag.retracted},
                 {"at", format_rfc3339(tag.time)},
                 {"queue", tag.queue},
                 {"team", tag.team},
                 {"revisions", tag.revisions},
                 {"closed_by_leaving", tag.closed_by_leaving}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace earful::agent
