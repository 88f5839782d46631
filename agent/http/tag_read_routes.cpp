// Tags read by themselves: the newest of all calls, and what was done to one.
#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/heard_share.h"
#include "agent/http/hearing.h"
#include "agent/http/query_number.h"
#include "agent/state/tag_json.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxRecent = 100;
constexpr uint32_t kMaxSeverity = 3;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RecentTags> read_query(const HttpRequest& request) {
  RecentTags wanted;
  for (const auto& [name, value] : request.query) {
    if (name == "queue") {
      wanted.queue = value;
    } else if (name == "team") {
      wanted.team = value;
    } else if (name == "severity") {
      if (!read_number(value, 0, kMaxSeverity, wanted.severity.emplace())) {
        return Error{"E_QUERY", "severity must be 0, 1, 2 or 3."};
      }
    } else if (name == "limit") {
      if (!read_number(value, 1, kMaxRecent, wanted.limit)) {
        return Error{"E_QUERY", "limit must be from 1 to 100."};
      }
    } else {
      return Error{"E_QUERY",
                   "There is no filter of that name; docs/api.md lists those there are."};
    }
  }
  return wanted;
}

// Somebody else's, in a call that is kept here and was neither heard nor opened early.
Result<bool> is_folded(ApiContext& context, const TagView& tag, const ListenerId& who,
                       const std::map<CallId, HeardView>& heard) {
  if (tag.listener == who) return false;
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, context.library.find(tag.call));
  if (!call || call->live) return false;
  const auto view = heard.find(tag.call);
  if (view == heard.end()) return true;
  return !view->second.opened_early && share_of(context, *call, view->second) < kHeardShare;
}

Result<std::string> recent_tags(ApiContext& context, const HttpRequest& request,
                                const Caller& caller) {
  EARFUL_ASSIGN(const RecentTags wanted, read_query(request));
  EARFUL_ASSIGN(const std::vector<TagView> tags, context.state.recent(wanted, wall_now()));
  const ListenerId who = asking(context, caller);
  std::vector<CallId> calls;
  for (const TagView& tag : tags) calls.push_back(tag.call);
  EARFUL_ASSIGN(const auto heard, context.state.heard_by(who, calls));
  Json list = Json::array();
  for (const TagView& tag : tags) {
    Json one = Json::parse(tag_json(tag));
    EARFUL_ASSIGN(one["folded"], is_folded(context, tag, who, heard));
    list.push_back(std::move(one));
  }
  return text_of({{"tags", std::move(list)}});
}

Json change_json(const TagChange& change) {
  const char* what = "tagged";
  if (change.what == TagChange::What::kRevised) what = "revised";
  if (change.what == TagChange::What::kRetracted) what = "retracted";
  Json out{{"event_id", change.id.text()},
           {"what", what},
           {"at", format_rfc3339(change.time)},
           {"listener", {{"id", change.listener.id.text()}, {"name", change.listener.name}}}};
  if (change.kind) out["kind"] = *change.kind;
  if (change.start) out["start_ms"] = position_ms(*change.start);
  if (change.end) out["end_ms"] = position_ms(*change.end);
  if (change.note) out["note"] = *change.note;
  return out;
}

Result<std::string> tag_history(ApiContext& context, const HttpRequest& request, const Caller&) {
  const auto id = EventId::parse(request.param("event_id"));
  std::vector<TagChange> changes;
  if (id) {
    EARFUL_ASSIGN(changes, context.state.history(*id));
  }
  if (changes.empty()) {
    return Error{"E_NO_TAG", "There is no such tag; GET /api/v1/calls/CALL_ID lists a call's."};
  }
  Json list = Json::array();
  for (const TagChange& change : changes) list.push_back(change_json(change));
  return text_of({{"history", std::move(list)}});
}

}  // namespace

void add_tag_read_routes(HttpServer& server, ApiContext& context) {
  using Make = Result<std::string> (*)(ApiContext&, const HttpRequest&, const Caller&);
  const auto add = [&](std::string_view path, Make make) {
    server.route(
        "GET", path,
        guarded(context.sessions, [&context, make](const HttpRequest& request, const Caller& caller,
                                                   const HttpResponder& responder) {
          auto json = make(context, request, caller);
          responder.send(json.ok() ? HttpResponse::json(200, std::move(*json))
                                   : refusal(json.error()));
        }));
  };
  add("/api/v1/tags", &recent_tags);
  add("/api/v1/tags/{event_id}/history", &tag_history);
}

}  // namespace earful::agent
