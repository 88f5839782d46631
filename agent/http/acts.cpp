#include "agent/http/acts.h"

#include <nlohmann/json.hpp>

#include "agent/http/api_error.h"
#include "proto/tag_fold.h"

namespace earful::agent {
namespace {

using recorder::Call;

// When the key was pressed, which only an id of version 7 tells. A browser's clock may be anywhere,
// and a tag is saved nevertheless; a time that cannot be (the wire takes 2000 to 2099) gives way to
// ours.
WallTime time_of(const EventId& id, WallTime now) {
  if ((id.bytes[6] >> 4) != 7) return now;
  uint64_t ms = 0;
  for (size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  const WallTime time{std::chrono::milliseconds(int64_t(ms))};
  using namespace std::chrono;
  const bool possible = time >= sys_days(year(2000) / 1 / 1) && time < sys_days(year(2100) / 1 / 1);
  return possible ? time : now;
}

std::string saved_json(const Saved& saved) {
  return nlohmann::ordered_json{{"event_id", saved.id.text()}, {"seq", saved.seq}}.dump();
}

}  // namespace

Event act_without_call(const std::optional<EventId>& id, const ListenerView& listener) {
  Event event = new_event();
  if (id) {
    event.id = *id;
    event.time = time_of(*id, event.time);
  }
  event.listener = listener.id;
  event.personal.listener_name = listener.name;
  return event;
}

Event act(const std::optional<EventId>& id, const ListenerView& listener, const CallId& call_id,
          const std::optional<Call>& call) {
  Event event = act_without_call(id, listener);
  event.subject = call_id;
  if (call) {
    event.call = call->snapshot;
    event.personal.agent_name = call->agent_name;
    event.personal.customer_key = call->customer_key;
  }
  return event;
}

void save(ApiContext& context, Event event, const HttpResponder& responder, int status_when_new) {
  const bool is_tag = tag_of(event).has_value();
  context.scribe.append(std::move(event), [responder, status_when_new, is_tag,
                                           counters =
                                               context.counters](const Result<Saved>& saved) {
    if (!saved.ok()) {
      if (saved.error().code == "E_NOT_SAVED") ++counters->not_saved;
      return responder.send(refusal(saved.error()));
    }
    if (is_tag) ++(saved->repeated ? counters->tags_repeated : counters->tags_saved);
    responder.send(HttpResponse::json(saved->repeated ? 200 : status_when_new, saved_json(*saved)));
  });
}

}  // namespace earful::agent
