#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/found.h"
#include "agent/http/heard_share.h"
#include "agent/http/hearing.h"
#include "agent/http/peaks_stream.h"
#include "agent/http/query_number.h"
#include "agent/state/tag_json.h"
#include "recorder/codec/peaks.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;
using recorder::Call;
using recorder::CallQuery;

constexpr size_t kMaxCallsPerPage = 500;
// Pages of the library read for one page of calls that are heard, or are not.
constexpr int kMaxPagesRead = 20;

Json call_json(const ApiContext& context, const Call& call, int tags, double heard) {
  const CallSnapshot& snapshot = call.snapshot;
  Json started = nullptr;
  if (snapshot.started_at) started = format_rfc3339(*snapshot.started_at);
  return {{"call_id", call.id.text()},
          {"external_id", snapshot.external_id},
          {"started_at", std::move(started)},
          {"duration_ms", position_ms(length_of(context, call))},
          {"queue", snapshot.queue},
          {"team", snapshot.team},
          {"agent_ref", snapshot.agent_ref},
          {"agent_name", call.agent_name},
          {"language", snapshot.language},
          {"customer_key", call.customer_key},
          {"legs", call.legs},
          {"live", call.live},
          {"sample", snapshot.sample},
          {"tags", tags},
          {"heard", heard}};
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error bad_query(const std::string& what) { return {"E_QUERY", what}; }

// What is asked of the library, of the index of words and kinds, and of what was heard.
struct Wanted {
  CallQuery query;
  Sought sought;
  std::string kind;
  std::optional<bool> heard;
};

Result<Wanted> read_query(const HttpRequest& request) {
  Wanted wanted;
  CallQuery& query = wanted.query;
  for (const auto& [name, value] : request.query) {
    if (name == "q") {
      EARFUL_ASSIGN(wanted.sought, Sought::parse(value));
    } else if (name == "kind") {
      wanted.kind = value;
    } else if (name == "external_id") {
      query.external_id = value;
    } else if (name == "queue") {
      query.queue = value;
    } else if (name == "team") {
      query.team = value;
    } else if (name == "language") {
      query.language = value;
    } else if (name == "agent_ref") {
      query.agent_ref = value;
    } else if (name == "after") {
      query.after = value;
    } else if (name == "since" || name == "until") {
      const auto time = parse_rfc3339(value);
      if (!time) return bad_query(name + " must be a time like 2026-11-17T14:05:00Z.");
      (name == "since" ? query.since : query.until) = time;
    } else if (name == "sample" || name == "heard") {
      if (value != "true" && value != "false") return bad_query(name + " must be true or false.");
      (name == "sample" ? query.sample : wanted.heard) = value == "true";
    } else if (name == "limit") {
      if (!read_number(value, 1, kMaxCallsPerPage, query.limit)) {
        return bad_query("limit must be from 1 to 500.");
      }
    } else {
      return bad_query("There is no filter of that name; docs/api.md lists those there are.");
    }
  }
  return wanted;
}

Result<std::string> list_calls(ApiContext& context, const HttpRequest& request,
                               const Caller& caller) {
  EARFUL_ASSIGN(Wanted wanted, read_query(request));
  CallQuery& query = wanted.query;
  EARFUL_ASSIGN(const std::vector<KindView> kinds, context.state.kinds());
  const KindNames names(kinds);
  if (!wanted.sought.blank() || !wanted.kind.empty()) {
    EARFUL_ASSIGN(query.among, context.find_index.find(wanted.sought, names.root(wanted.kind)));
  }
  if (!query.sample) {
    // Bundled calls are there to try things out; beside real ones they would only be in the way.
    EARFUL_ASSIGN(const bool real, context.library.has_real_calls());
    if (real) query.sample = false;
  }
  const size_t limit = query.limit;
  Json calls = Json::array();
  // What is heard is not in the library: what does not fit is left out, and as much is read again.
  for (int pages = 0; calls.size() < limit && pages < kMaxPagesRead; ++pages) {
    query.limit = limit - calls.size();
    EARFUL_ASSIGN(const recorder::CallPage page, context.library.list(query));
    std::vector<CallId> ids;
    for (const Call& call : page.calls) ids.push_back(call.id);
    EARFUL_ASSIGN(const auto counts, context.state.tag_counts(ids));
    EARFUL_ASSIGN(const auto heard, context.state.heard_by(asking(context, caller), ids));
    for (const Call& call : page.calls) {
      const auto view = heard.find(call.id);
      const double share = view == heard.end() ? 0 : share_of(context, call, view->second);
      if (wanted.heard && *wanted.heard != (share >= kHeardShare)) continue;
      const auto count = counts.find(call.id);
      Json one = call_json(context, call, count == counts.end() ? 0 : count->second, share);
      if (!wanted.sought.blank()) {
        EARFUL_ASSIGN(one["matches"], matches_json(context, call, wanted.sought, names));
      }
      calls.push_back(std::move(one));
    }
    query.after = page.next;
    if (page.next.empty()) break;
  }
  return text_of({{"calls", std::move(calls)}, {"next", query.after}});
}

// What the one who asks has heard, and who else has listened.
void put_heard(const ApiContext& context, const Call& call, const ListenerId& who,
               const std::vector<HeardView>& all, Json& out) {
  out["heard_ms"] = Json::array();
  out["opened_early"] = false;
  out["listeners"] = Json::array();
  for (const HeardView& view : all) {
    const double share = share_of(context, call, view);
    if (view.listener != who) {
      out["listeners"].push_back({{"id", view.listener.text()},
                                  {"name", view.listener_name},
                                  {"heard", share},
                                  {"opened_early", view.opened_early}});
      continue;
    }
    out["heard"] = share;
    out["opened_early"] = view.opened_early;
    for (const Interval& one : view.stretches) {
      out["heard_ms"].push_back({position_ms(one.start), position_ms(one.end)});
    }
  }
}

Result<std::string> show_call(ApiContext& context, const HttpRequest& request,
                              const Caller& caller) {
  EARFUL_ASSIGN(const Call call, call_in_path(context, request));
  EARFUL_ASSIGN(const std::vector<TagView> tags, context.state.tags_of(call.id));
  EARFUL_ASSIGN(const std::vector<HeardView> heard, context.state.heard_of(call.id));
  Json out = call_json(context, call, int(tags.size()), 0);
  out["tags"] = Json::array();
  for (const TagView& tag : tags) out["tags"].push_back(Json::parse(tag_json(tag)));
  out["warnings"] = call.warnings;
  const auto live = call.live && context.captures ? context.captures->live(call.id) : nullptr;
  out["notes"] = Json::parse(recorder::notes_json(live ? live->notes() : call.notes));
  out["cut"] = call.cut;
  const Json measures = Json::parse(call.measures, nullptr, false);
  out["measures"] = measures.is_object() ? measures : Json();
  put_heard(context, call, asking(context, caller), heard, out);
  out["capture"] = call.capture.empty() ? Json() : Json(call.capture);
  return text_of(out);
}

Result<HttpResponse> show_audio(ApiContext& context, const HttpRequest& request, const Caller&) {
  EARFUL_ASSIGN(const Call call, call_in_path(context, request));
  if (call.live) {
    return Error{"E_LIVE",
                 "This call goes on; GET its live stream, or its audio when it has ended."};
  }
  HttpResponse response;
  response.content_type = "audio/ogg";
  response.file = HttpFile{context.library.audio_path(call.id)};
  return response;
}

Result<recorder::Peaks> peaks_of(const ApiContext& context, const Call& call) {
  if (call.live) {
    const auto live = context.captures ? context.captures->live(call.id) : nullptr;
    if (live) return live->peaks();
    return Error{"E_LIVE",
                 "Another program has just begun to record this call; ask again in a moment."};
  }
  auto read = recorder::read_peaks(context.library.peaks_path(call.id));
  if (!read.ok()) return Error{"E_FILE", read.error().message};
  return std::move(*read);
}

Result<HttpResponse> show_peaks(ApiContext& context, const HttpRequest& request, const Caller&) {
  EARFUL_ASSIGN(const Call call, call_in_path(context, request));
  EARFUL_ASSIGN(recorder::Peaks peaks, peaks_of(context, call));
  HttpResponse response;
  response.content_type = "application/json";
  response.stream = peaks_stream(std::make_shared<const recorder::Peaks>(std::move(peaks)));
  return response;
}

HttpResponse answer(Result<std::string> json) {
  return json.ok() ? HttpResponse::json(200, std::move(*json)) : refusal(json.error());
}
HttpResponse answer(Result<HttpResponse> response) {
  return response.ok() ? std::move(*response) : refusal(response.error());
}

}  // namespace

Result<Call> call_in_path(ApiContext& context, const HttpRequest& request) {
  const auto id = CallId::parse(request.param("call_id"));
  if (id) {
    EARFUL_ASSIGN(const std::optional<Call> call, context.library.find(*id));
    if (call) return *call;
  }
  return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
}

void add_call_routes(HttpServer& server, ApiContext& context) {
  const auto add = [&](std::string_view path, auto make) {
    server.route(
        "GET", path,
        guarded(context.sessions, [&context, make](const HttpRequest& request, const Caller& caller,
                                                   const HttpResponder& responder) {
          responder.send(answer(make(context, request, caller)));
        }));
  };
  add("/api/v1/calls", &list_calls);
  add("/api/v1/calls/{call_id}", &show_call);
  add("/api/v1/calls/{call_id}/audio", &show_audio);
  add("/api/v1/calls/{call_id}/peaks", &show_peaks);
}

}  // namespace earful::agent
