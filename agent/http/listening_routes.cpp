#include "agent/http/acts.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/listening_post.h"

namespace earful::agent {
namespace {

Result<Event> listening_event(ApiContext& context, const HttpRequest& request,
                              const Caller& caller) {
  EARFUL_ASSIGN(ListeningPost post, parse_listening_post(request.body));
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, context.library.find(post.call));
  if (!call) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  Event event = act(post.event_id, listener, post.call, call);
  event.payload = std::move(post.payload);
  return event;
}

}  // namespace

void add_listening_routes(HttpServer& server, ApiContext& context) {
  server.route(
      "POST", "/api/v1/listening",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        auto event = listening_event(context, request, caller);
        if (!event.ok()) return responder.send(refusal(event.error()));
        save(context, std::move(*event), responder, 201);
      }));
}

}  // namespace earful::agent
