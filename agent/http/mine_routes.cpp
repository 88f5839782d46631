// What an agent may see, and nobody else through such a link: which of their own calls were heard,
// and every thank-you. No tag of anybody is in it but the praise.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/heard_share.h"
#include "agent/http/hearing.h"
#include "agent/http/thanks.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostCalls = 500;  // the newest

Result<std::string> show_mine(ApiContext& context, const Caller& caller) {
  if (caller.agent_ref.empty()) {
    return Error{"E_NO_AGENT",
                 "This page is for agents, who have a link of their own; see "
                 "\"earful-agent listener add --agent\"."};
  }
  recorder::CallQuery query;
  query.agent_ref = caller.agent_ref;
  query.limit = kMostCalls;
  EARFUL_ASSIGN(const recorder::CallPage page, context.library.list(query));
  Json calls = Json::array();
  for (const recorder::Call& call : page.calls) {
    if (call.live) continue;
    EARFUL_ASSIGN(std::vector<HeardView> heard, context.state.heard_of(call.id));
    std::erase_if(
        heard, [&](const HeardView& view) { return share_of(context, call, view) < kHeardShare; });
    if (heard.empty()) continue;
    EARFUL_ASSIGN(const WallTime last, context.state.hours().last_heard(call.id));
    Json started = nullptr;
    if (call.snapshot.started_at) started = format_rfc3339(*call.snapshot.started_at);
    calls.push_back({{"call_id", call.id.text()},
                     {"started_at", std::move(started)},
                     {"queue", call.snapshot.queue},
                     {"heard_at", last == WallTime() ? Json(nullptr) : Json(format_rfc3339(last))},
                     {"listeners", heard.size()}});
  }
  EARFUL_ASSIGN(const Thanks thanks, read_thanks(context, caller.agent_ref));
  const Json agent{{"ref", caller.agent_ref}, {"name", caller.name}};
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  const bool both = thanks.open != "[]" && thanks.done != "[]";
  const auto inner = [](const std::string& list) { return list.substr(1, list.size() - 2); };
  return "{\"agent\":" + text(agent) + ",\"calls\":" + text(calls) + ",\"thanks\":[" +
         inner(thanks.done) + (both ? "," : "") + inner(thanks.open) +
         "],\"kinds\":" + thanks.kinds + "}";
}

}  // namespace

void add_mine_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/mine",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller& caller,
                                                    const HttpResponder& responder) {
                 auto json = show_mine(context, caller);
                 responder.send(json.ok() ? HttpResponse::json(200, std::move(*json))
                                          : refusal(json.error()));
               }));
}

}  // namespace earful::agent
