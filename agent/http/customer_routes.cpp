// What stands beside the player about the customer of a call: the collector's desk is asked, and
// answers on the uplink's thread. A station that has no key for the customer, because it has not
// met a collector, knows its own calls.
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "base/log.h"
#include "proto/past_kind.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;
using recorder::Call;

constexpr size_t kMaxOwnCalls = 50;

Json list_json(const std::vector<PastTag>& tags) {
  Json list = Json::array();
  for (const PastTag& tag : tags) {
    Json started = nullptr;
    if (tag.call_started_at) started = format_rfc3339(*tag.call_started_at);
    list.push_back({{"event_id", tag.tag.text()},
                    {"call_id", tag.call.text()},
                    {"kind", tag.kind},
                    {"at", format_rfc3339(tag.time)},
                    {"started_at", std::move(started)},
                    {"queue", tag.queue},
                    {"note", tag.note}});
  }
  return list;
}

std::string body(std::string_view state, const Customer& customer) {
  const Json json{{"state", state},
                  {"promises", list_json(customer.promises)},
                  {"problems", list_json(customer.problems)},
                  {"more", customer.more}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

HttpResponse response(std::string_view state, const Customer& customer) {
  return HttpResponse::json(200, body(state, customer));
}

// As the desk would tell it, of the calls that are here.
Result<Customer> own_customer(ApiContext& context, const Call& open) {
  Customer customer;
  // One of them is the open one, and one more tells whether there are older ones.
  EARFUL_ASSIGN(std::vector<Call> calls,
                context.library.calls_of_customer(open.customer_id, kMaxOwnCalls + 2));
  std::erase_if(calls, [&](const Call& call) { return call.id == open.id; });
  customer.more = calls.size() > kMaxOwnCalls;
  if (customer.more) calls.resize(kMaxOwnCalls);
  EARFUL_ASSIGN(const TagbookFold* book, context.state.tagbook());
  for (const Call& call : calls) {
    if (call.snapshot.sample) continue;
    EARFUL_ASSIGN(const std::vector<TagView> tags, context.state.tags_of(call.id));
    for (auto tag = tags.rbegin(); tag != tags.rend(); ++tag) {
      const PastKind kind = past_kind(*book, tag->kind);
      if (kind == PastKind::kNothing) continue;
      const bool promise = kind == PastKind::kPromise;
      if (promise) {
        EARFUL_ASSIGN(const bool closed, context.state.is_closed(tag->id));
        if (closed) continue;
      }
      auto& list = promise ? customer.promises : customer.problems;
      if (list.size() == kMaxPastTags) {
        customer.more = true;
        continue;
      }
      list.push_back({tag->id, call.id, book->root(tag->kind), tag->time, call.snapshot.started_at,
                      call.snapshot.queue, tag->note});
    }
  }
  return customer;
}

// Whether the tag still belongs into the list; if so, as it is since it was last changed here.
Result<bool> catch_up(State& state, PastTag& past, PastKind kind) {
  EARFUL_ASSIGN(const std::optional<TagView> here, state.tag(past.tag));
  if (here && here->retracted) return false;
  if (kind == PastKind::kPromise) {
    EARFUL_ASSIGN(const bool closed, state.is_closed(past.tag));
    if (closed) return false;
  }
  if (!here || here->in_store) return true;
  EARFUL_ASSIGN(const TagbookFold* book, state.tagbook());
  past.kind = book->root(here->kind);
  past.note = here->note;
  return past_kind(*book, past.kind) == kind;
}

// What was done here the desk need not have heard of yet. What cannot be read stays as it told it.
void add_own_changes(State& state, std::vector<PastTag>& tags, PastKind kind) {
  for (PastTag& tag : std::exchange(tags, {})) {
    const auto stays = catch_up(state, tag, kind);
    if (!stays.ok()) log_error("own changes not read", {{"error", stays.error().message}});
    if (!stays.ok() || *stays) tags.push_back(std::move(tag));
  }
}

// The desk answers on another thread; the state may be read where the body is pulled.
HttpResponse known(ApiContext& context, Customer customer) {
  HttpResponse response = HttpResponse::json(200, "");
  response.stream.emplace().pull = [&context, told = std::move(customer),
                                    sent = false](std::string& out) mutable {
    if (std::exchange(sent, true)) return HttpPull::kEnd;
    add_own_changes(context.state, told.promises, PastKind::kPromise);
    add_own_changes(context.state, told.problems, PastKind::kProblem);
    out = body("known", told);
    return HttpPull::kMore;
  };
  return response;
}

void show_customer(ApiContext& context, const HttpRequest& request,
                   const HttpResponder& responder) {
  const auto call = call_in_path(context, request);
  if (!call.ok()) return responder.send(refusal(call.error()));
  if (call->customer_key.empty()) {
    if (call->customer_id.empty()) return responder.send(response("unknown", {}));
    const auto own = own_customer(context, *call);
    return responder.send(own.ok() ? response("alone", *own) : refusal(own.error()));
  }
  if (!context.ask_customer) return responder.send(response("away", {}));
  context.ask_customer(
      {{call->customer_key, call->id}, [&context, responder](const Result<Customer>& customer) {
         responder.send(customer.ok() ? known(context, *customer) : response("away", {}));
       }});
}

}  // namespace

void add_customer_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/calls/{call_id}/customer",
               guarded(context.sessions, [&context](const HttpRequest& request, const Caller&,
                                                    const HttpResponder& responder) {
                 show_customer(context, request, responder);
               }));
}

}  // namespace earful::agent
