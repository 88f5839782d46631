#include "agent/http/acts.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/tag_post.h"
#include "proto/past_kind.h"

namespace earful::agent {
namespace {

using recorder::Call;

// How much of a call can be tagged now.
Result<Position> length_of(const ApiContext& context, const Call& call) {
  if (!call.live) return call.duration;
  const auto live = context.captures ? context.captures->live(call.id) : nullptr;
  if (live) return live->edge();
  return Error{"E_LIVE",
               "Another program has just begun to record this call; tag it again in a moment."};
}

Result<Event> tag_event(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(const TagPost post, parse_tag_post(request.body));
  EARFUL_ASSIGN(const std::optional<Call> call, context.library.find(post.call));
  if (!call) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  EARFUL_ASSIGN(const Position length, length_of(context, *call));
  EARFUL_ASSIGN(const std::optional<KindView> known, context.state.kind(post.kind));
  EARFUL_ASSIGN(const TagKind kind, usable_kind(known, post.kind));
  EARFUL_ASSIGN(Tagged tagged, place_tag(post, kind, length, call->live));
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  Event event = act(post.event_id, listener, post.call, call);
  event.personal.note = post.note;
  event.payload = std::move(tagged);
  return event;
}

Result<TagView> tag_in_path(ApiContext& context, const HttpRequest& request) {
  const auto id = EventId::parse(request.param("event_id"));
  if (id) {
    EARFUL_ASSIGN(const std::optional<TagView> tag, context.state.tag(*id));
    if (tag) return *tag;
  }
  return Error{"E_NO_TAG", "There is no such tag; GET /api/v1/calls/CALL_ID lists a call's."};
}

Result<Event> retraction(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(const std::optional<EventId> id, parse_event_id_only(request.body));
  EARFUL_ASSIGN(const TagView tag, tag_in_path(context, request));
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  EARFUL_ASSIGN(const std::optional<Call> call, context.library.find(tag.call));
  Event event = act(id, listener, tag.call, call);
  event.payload = TagRetracted{tag.id};
  return event;
}

Result<Event> revision(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(const TagRevision wanted, parse_tag_revision(request.body));
  EARFUL_ASSIGN(const TagView tag, tag_in_path(context, request));
  if (wanted.kind) {
    EARFUL_ASSIGN(const std::optional<KindView> known, context.state.kind(*wanted.kind));
    EARFUL_TRY(usable_kind(known, *wanted.kind));
  }
  EARFUL_ASSIGN(const std::optional<Call> call, context.library.find(tag.call));
  // A call that goes on has no end yet that something could be past.
  std::optional<Position> length;
  if (call && !call->live) length = call->duration;
  EARFUL_ASSIGN(TagRevised revised, place_revision(wanted, tag, length));
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  Event event = act(wanted.event_id, listener, tag.call, call);
  event.personal.note = wanted.note.value_or("");
  event.payload = std::move(revised);
  return event;
}

// What was promised is done: the tag is its own follow-up where nobody opened another.
Result<Event> closing(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(const std::optional<EventId> id, parse_event_id_only(request.body));
  EARFUL_ASSIGN(const TagView tag, tag_in_path(context, request));
  EARFUL_ASSIGN(const TagbookFold* book, context.state.tagbook());
  if (tag.retracted || past_kind(*book, tag.kind) != PastKind::kPromise) {
    return Error{"E_NO_PROMISE", tag.retracted ? "This tag was retracted: there is nothing to keep."
                                               : "This tag is no promise; only one can be kept."};
  }
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  EARFUL_ASSIGN(const std::optional<Call> call, context.library.find(tag.call));
  Event event = act(id, listener, tag.call, call);
  event.payload = FollowUpClosed{tag.id, "kept"};
  return event;
}

}  // namespace

void add_tag_routes(HttpServer& server, ApiContext& context) {
  using Make = Result<Event> (*)(ApiContext&, const HttpRequest&, const Caller&);
  const auto add = [&](std::string_view path, Make make, int status_when_new) {
    server.route("POST", path,
                 guarded(context.sessions, [&context, make, status_when_new](
                                               const HttpRequest& request, const Caller& caller,
                                               const HttpResponder& responder) {
                   auto event = make(context, request, caller);
                   if (!event.ok()) return responder.send(refusal(event.error()));
                   save(context, std::move(*event), responder, status_when_new);
                 }));
  };
  add("/api/v1/tags", &tag_event, 201);
  add("/api/v1/tags/{event_id}/retract", &retraction, 200);
  add("/api/v1/tags/{event_id}/revise", &revision, 200);
  add("/api/v1/tags/{event_id}/kept", &closing, 200);
}

}  // namespace earful::agent
