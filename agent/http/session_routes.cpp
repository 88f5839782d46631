#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"

namespace earful::agent {
namespace {

// {"listener":{"id","name"},"bound":true}, of an agent {"listener":null,"bound":true,"agent"}
HttpResponse bound_answer(const Caller& caller) {
  nlohmann::ordered_json out{{"listener", {{"id", caller.listener->text()}, {"name", caller.name}}},
                             {"bound", true}};
  if (!caller.agent_ref.empty()) {
    out = {{"listener", nullptr},
           {"bound", true},
           {"agent", {{"ref", caller.agent_ref}, {"name", caller.name}}}};
  }
  return HttpResponse::json(200, out.dump());
}

// {"listener":{"id","name"}|null}
HttpResponse session_answer(ApiContext& context, const std::optional<ListenerId>& id) {
  nlohmann::ordered_json out{{"listener", nullptr}};
  if (id) {
    const auto listener = context.state.listener(*id);
    if (!listener.ok()) return refusal(listener.error());
    if (listener->has_value()) {
      out["listener"] = {{"id", (*listener)->id.text()}, {"name", (*listener)->name}};
    }
  }
  return HttpResponse::json(200, out.dump());
}

HttpResponse with_cookie(HttpResponse response, const ApiContext& context,
                         const std::optional<ListenerId>& listener) {
  response.headers.emplace_back("Set-Cookie", context.sessions.set_cookie(listener, wall_now()));
  return response;
}

// A personal link opens a session of its listener.
HttpResponse open_by_link(ApiContext& context, const std::string& token) {
  auto opened = context.sessions.links->open(token, wall_now());
  if (!opened.ok()) return refusal(opened.error());
  if (!opened->caller.agent_ref.empty()) {
    HttpResponse response = bound_answer(opened->caller);
    response.headers.emplace_back("Set-Cookie", std::move(opened->set_cookie));
    return response;
  }
  know_listener(context, {*opened->caller.listener, opened->caller.name});
  const ListenerView who = root_of(context, {*opened->caller.listener, opened->caller.name});
  opened->caller.listener = who.id;
  opened->caller.name = who.name;
  HttpResponse response = bound_answer(opened->caller);
  response.headers.emplace_back("Set-Cookie", std::move(opened->set_cookie));
  return response;
}

// The proxy has said it already; what else is shown opens nothing.
HttpResponse open_by_proxy(ApiContext& context, const HttpRequest& request) {
  const auto caller = context.sessions.admit(request, wall_now());
  return caller.ok() ? bound_answer(*caller) : refusal(caller.error());
}

HttpResponse open_session(ApiContext& context, const HttpRequest& request) {
  if (request.entrance == HttpEntrance::kProxy) return open_by_proxy(context, request);
  auto fields = JsonFields::parse(request.body);
  if (!fields.ok()) return refusal(fields.error());
  const std::string token = fields->text("token").value_or("");
  const bool by_link = request.entrance == HttpEntrance::kNetwork;
  if (!by_link && !context.sessions.is_token(token)) return refusal(Sessions::unauthorized());
  if (const auto finished = fields->finish(); !finished.ok()) return refusal(finished.error());
  if (by_link) return open_by_link(context, token);
  // Opening the printed address again must not forget who is listening.
  const auto before = context.sessions.caller_of(request, wall_now());
  const std::optional<ListenerId> listener = before ? before->listener : std::nullopt;
  return with_cookie(session_answer(context, listener), context, listener);
}

HttpResponse choose_listener(ApiContext& context, const HttpRequest& request,
                             const Caller& caller) {
  auto fields = JsonFields::parse(request.body);
  if (!fields.ok()) return refusal(fields.error());
  const auto text = fields->text_or_null("listener");
  if (const auto finished = fields->finish(); !finished.ok()) return refusal(finished.error());
  if (!text) return refusal({"E_FIELD", "The field listener is missing; null means nobody."});
  if (caller.bound) {
    if (ListenerId::parse(*text) == caller.listener) return bound_answer(caller);
    return refusal({"E_BOUND", "You are " + caller.name + " here, and nobody else."});
  }
  std::optional<ListenerId> id;
  if (!text->empty()) {
    id = ListenerId::parse(*text);
    const auto known = context.state.listener(id.value_or(ListenerId{}));
    if (!known.ok()) return refusal(known.error());
    if (!id || !known->has_value()) {
      return refusal(
          {"E_NO_LISTENER",
           "There is no such listener; GET /api/v1/listeners lists them, POST makes one."});
    }
  }
  return with_cookie(session_answer(context, id), context, id);
}

}  // namespace

void add_session_routes(HttpServer& server, ApiContext& context) {
  server.route("POST", "/api/v1/session",
               [&context](const HttpRequest& request, const HttpResponder& responder) {
                 responder.send(open_session(context, request));
               });
  server.route("GET", "/api/v1/session",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller& caller,
                                                    const HttpResponder& responder) {
                 responder.send(caller.bound ? bound_answer(caller)
                                             : session_answer(context, caller.listener));
               }));
  server.route(
      "PUT", "/api/v1/session",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        responder.send(choose_listener(context, request, caller));
      }));
}

}  // namespace earful::agent
