#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"
#include "agent/http/listener_name.h"

namespace earful::agent {
namespace {

constexpr std::string_view kApiListenerName = "api";

nlohmann::ordered_json listener_json(const ListenerView& listener) {
  return {{"id", listener.id.text()}, {"name", listener.name}};
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

// {"into"}: two names of one person become the second; sessions and tags of the first with it.
void merge_listener(ApiContext& context, const HttpRequest& request, const Caller& caller,
                    const HttpResponder& responder) {
  auto fields = JsonFields::parse(request.body);
  if (!fields.ok()) return responder.send(refusal(fields.error()));
  const auto from = ListenerId::parse(request.param("listener_id"));
  const auto into = ListenerId::parse(fields->required_text("into"));
  if (const auto finished = fields->finish(); !finished.ok()) {
    return responder.send(refusal(finished.error()));
  }
  const auto editor = acting_editor(context, caller);
  if (!editor.ok()) return responder.send(refusal(editor.error()));
  if (!may_merge_listeners(context, caller)) {
    return responder.send(
        refusal({"E_EDITOR",
                 "Nobody is named who may merge listeners here; ask whoever keeps this "
                 "station's settings (editors in [tagbook])."}));
  }
  if (from == context.api_listener) {
    return responder.send(
        refusal({"E_CONFLICT", "api is the station's own listener and stays one; merge into it."}));
  }
  auto root = std::make_shared<ListenerView>();
  const EventMaker make = [=, who = *editor](State& state) -> Result<std::optional<Event>> {
    const Error unknown{"E_NO_LISTENER",
                        "There is no such listener; GET /api/v1/listeners lists them."};
    if (!from || !into) return unknown;
    EARFUL_ASSIGN(const std::optional<ListenerView> old, state.listener(*from));
    EARFUL_ASSIGN(const std::optional<ListenerView> now, state.listener(*into));
    if (!old || !now) return unknown;
    *root = *now;
    if (old->id == now->id) return std::optional<Event>();
    Event event = new_event();
    event.listener = who.id;
    event.personal.listener_name = who.name;
    event.payload = ListenerMerged{old->id, now->id};
    return std::optional(std::move(event));
  };
  context.scribe.append_made(make, [responder, root](const Result<Saved>& saved) {
    responder.send(saved.ok() ? HttpResponse::json(200, listener_json(*root).dump())
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

bool is_editor(const ApiContext& context, const ListenerView& listener) {
  const auto& editors = context.book_editors;
  return editors.empty() || std::any_of(editors.begin(), editors.end(), [&](const auto& editor) {
           return editor == listener.name || editor == listener.id.text();
         });
}

}  // namespace

// The letters to the scribe keep their order, so what follows may refer to the listener.
void know_listener(ApiContext& context, const ListenerView& listener) {
  auto& known = context.known_listeners[listener.id];
  if (known.name == listener.name && known.defined && known.defined->load()) return;
  const auto before = context.state.listener(listener.id);
  const bool there = before.ok() && before->has_value();
  known = {listener.name, std::make_shared<std::atomic<bool>>(true)};
  // A merged one has the name of its root.
  if (there && ((*before)->id != listener.id || (*before)->name == listener.name)) return;
  context.scribe.append(definition(listener),
                        [defined = known.defined](const Result<Saved>& saved) {
                          if (!saved.ok()) *defined = false;  // again with the next request
                        });
}

ListenerView root_of(ApiContext& context, const ListenerView& listener) {
  const auto known = context.state.listener(listener.id);
  const bool merged = known.ok() && known->has_value() && (*known)->id != listener.id;
  return merged ? **known : listener;
}

Result<ListenerView> acting_listener(ApiContext& context, const Caller& caller) {
  if (caller.bound) return ListenerView{*caller.listener, caller.name};
  if (caller.listener) {
    EARFUL_ASSIGN(const std::optional<ListenerView> known,
                  context.state.listener(*caller.listener));
    if (known) return *known;
  } else if (caller.bearer) {
    const ListenerView listener{context.api_listener, std::string(kApiListenerName)};
    know_listener(context, listener);
    return listener;
  }
  return Error{"E_WHO", "Say first who is listening: PUT /api/v1/session with a listener."};
}

Result<ListenerView> acting_editor(ApiContext& context, const Caller& caller) {
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  if (is_editor(context, listener)) return listener;
  std::string names;
  for (const std::string& editor : context.book_editors) {
    names += (names.empty() ? "" : ", ") + editor;
  }
  return Error{"E_EDITOR", "Only " + names +
                               " may change this here; ask them, or whoever keeps this station's "
                               "settings (editors in [tagbook])."};
}

bool may_edit_book(ApiContext& context, const Caller& caller) {
  if (context.book_editors.empty()) return true;
  if (caller.bound) return is_editor(context, {*caller.listener, caller.name});
  if (!caller.listener) {
    return caller.bearer &&
           is_editor(context, {context.api_listener, std::string(kApiListenerName)});
  }
  const auto listener = context.state.listener(*caller.listener);
  return listener.ok() && listener->has_value() && is_editor(context, **listener);
}

// One whom a proxy or a link vouches for would act as somebody else.
bool may_merge_listeners(ApiContext& context, const Caller& caller) {
  return may_edit_book(context, caller) && !(caller.bound && context.book_editors.empty());
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
  server.route(
      "POST", "/api/v1/listeners",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        if (caller.bound) {
          return responder.send(
              refusal({"E_BOUND", "You are " + caller.name + " here, and nobody else."}));
        }
        define_listener(context, request, responder);
      }));
  server.route(
      "POST", "/api/v1/listeners/{listener_id}/merge",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        merge_listener(context, request, caller, responder);
      }));
}

}  // namespace earful::agent
