#include "agent/http/api_context.h"

namespace earful::agent {

void add_inbox_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/inbox",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller&,
                                                    const HttpResponder& responder) {
                 const auto inboxes =
                     context.inboxes ? context.inboxes->status() : std::vector<InboxStatus>();
                 responder.send(HttpResponse::json(200, inboxes_json(inboxes, true)));
               }));
}

}  // namespace earful::agent
