#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"

namespace earful::agent {
namespace {

// A person's name, or what stands for one; it goes into every event.
constexpr size_t kMaxNameBytes = 200;
constexpr std::string_view kApiListenerName = "api";

nlohmann::ordered_json listener_json(const ListenerView& listener) {
  return {{"id", listener.id.text()}, {"name", listener.name}};
}

Result<std::string> checked_name(std::string name) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!name.empty() && blank(name.back())) name.pop_back();
  name.erase(name.begin(), std::find_if_not(name.begin(), name.end(), blank));
  const bool control =
      std::any_of(name.begin(), name.end(), [](char c) { return uint8_t(c) < 0x20 || c == 0x7f; });
  if (name.empty() || name.size() > kMaxNameBytes || control) {
    return Error{"E_NAME", "A name has 1 to 200 bytes and no control characters."};
  }
  return name;
}

Event definition(const ListenerView& listener) {
  Event event = new_event();
  event.listener = listener.id;
  event.personal.listener_name = listener.name;
  event.payload = ListenerDefined{listener.id};
  return event;
}

void define_listener(ApiContext& context, const HttpRequest& request,
                     const HttpResponder& responder) {
  auto fields = JsonFields::parse(request.body);
  if (!fields.ok()) return responder.send(refusal(fields.error()));
  const std::string text = fields->required_text("name");
  const auto id_text = fields->text("id");
  if (const auto finished = fields->finish(); !finished.ok()) {
    return responder.send(refusal(finished.error()));
  }
  auto name = checked_name(text);
  if (!name.ok()) return responder.send(refusal(name.error()));
  const auto given = id_text ? ListenerId::parse(*id_text) : std::nullopt;
  if (id_text && (!given || given->is_zero())) {
    return responder.send(
        refusal({"E_FIELD", "The field id must be a UUID; leave it out for one."}));
  }
  const ListenerView listener{given.value_or(ListenerId{make_uuid_v4()}), std::move(*name)};
  if (given) {
    const auto known = context.state.listener(*given);
    if (!known.ok()) return responder.send(refusal(known.error()));
    if (known->has_value()) {
      return responder.send(
          (*known)->name == listener.name
              ? HttpResponse::json(200, listener_json(listener).dump())
              : refusal(
                    {"E_CONFLICT", "Another listener has this id; leave it out for a new one."}));
    }
  }
  context.scribe.append(definition(listener), [responder, listener](Result<Saved> saved) {
    responder.send(saved.ok() ? HttpResponse::json(201, listener_json(listener).dump())
                              : refusal(saved.error()));
  });
}

HttpResponse list_listeners(ApiContext& context) {
  const auto listeners = context.state.listeners();
  if (!listeners.ok()) return refusal(listeners.error());
  auto list = nlohmann::ordered_json::array();
  for (const ListenerView& listener : *listeners) list.push_back(listener_json(listener));
  return HttpResponse::json(200, nlohmann::ordered_json{{"listeners", std::move(list)}}.dump());
}

// Defined on first use; the letters to the scribe keep their order, so what follows may refer to
// it.
Result<ListenerView> api_listener(ApiContext& context) {
  const ListenerView listener{context.api_listener, std::string(kApiListenerName)};
  if (context.api_listener_defined->load()) return listener;
  EARFUL_ASSIGN(const std::optional<ListenerView> known, context.state.listener(listener.id));
  if (!known) {
    context.scribe.append(definition(listener),
                          [defined = context.api_listener_defined](const Result<Saved>& saved) {
                            if (!saved.ok()) *defined = false;  // again with the next request
                          });
  }
  *context.api_listener_defined = true;
  return known.value_or(listener);
}

}  // namespace

Result<ListenerView> acting_listener(ApiContext& context, const Caller& caller) {
  if (caller.listener) {
    EARFUL_ASSIGN(const std::optional<ListenerView> known,
                  context.state.listener(*caller.listener));
    if (known) return *known;
  } else if (caller.bearer) {
    return api_listener(context);
  }
  return Error{"E_WHO", "Say first who is listening: PUT /api/v1/session with a listener."};
}

Event new_event() {
  Event event;
  event.time = wall_now();
  event.id = EventId{make_uuid_v7(event.time)};
  return event;
}

void add_listener_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/listeners",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller&,
                                                    const HttpResponder& responder) {
                 responder.send(list_listeners(context));
               }));
  server.route("POST", "/api/v1/listeners",
               guarded(context.sessions, [&context](const HttpRequest& request, const Caller&,
                                                    const HttpResponder& responder) {
                 define_listener(context, request, responder);
               }));
}

}  // namespace earful::agent
