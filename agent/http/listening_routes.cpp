#include <algorithm>

#include "agent/http/acts.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/listening_post.h"

namespace earful::agent {
namespace {

// What waited longer for a station that was away has lost its time.
constexpr std::chrono::days kLongestWait{30};

struct Word {
  Event event;
  EventId listening;
  bool so_far;
};

EventId listening_of(const Payload& payload) {
  if (const auto* started = std::get_if<ListeningStarted>(&payload)) return started->listening;
  if (const auto* ended = std::get_if<ListeningEnded>(&payload)) return ended->listening;
  return std::get<Listened>(payload).listening;
}

// Ids have the page's clock, which may be anywhere; minutes belong to a week, and to an hour that
// was drawn by ours.
WallTime by_our_clock(const Event& event, WallTime pages) {
  const WallTime now = wall_now();
  const bool timed = (event.id.bytes[6] >> 4) == 7;
  if (!timed || event.time > pages) return now;
  return std::max(now - (pages - event.time), now - kLongestWait);
}

Result<Word> read_word(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(ListeningPost post, parse_listening_post(request.body));
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, context.library.find(post.call));
  if (!call) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  Word word{act(post.event_id, listener, post.call, call), listening_of(post.payload), post.so_far};
  word.event.payload = std::move(post.payload);
  if (post.clock) word.event.time = by_our_clock(word.event, *post.clock);
  return word;
}

// Answered before anything is durable: the next one, or the word itself, says the same again.
void keep_so_far(ApiContext& context, Event event, const HttpResponder& responder) {
  const std::string id = event.id.text();
  context.drafts.keep(std::move(event), std::chrono::steady_clock::now());
  responder.send(HttpResponse::json(202, "{\"event_id\":\"" + id + "\"}"));
}

}  // namespace

void add_listening_routes(HttpServer& server, ApiContext& context) {
  server.route(
      "POST", "/api/v1/listening",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        auto word = read_word(context, request, caller);
        if (!word.ok()) return responder.send(refusal(word.error()));
        Event& event = word->event;
        if (word->so_far) return keep_so_far(context, std::move(event), responder);
        context.drafts.make_way(*event.listener, word->listening, event.id);
        save(context, std::move(event), responder, 201);
      }));
}

}  // namespace earful::agent
