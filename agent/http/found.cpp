#include "agent/http/found.h"

#include <nlohmann/json.hpp>

#include "agent/http/api_error.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

Result<HttpResponse> show_filters(ApiContext& context) {
  EARFUL_ASSIGN(const std::vector<std::string> queues, context.library.queues());
  EARFUL_ASSIGN(const std::vector<std::string> languages, context.library.languages());
  const Json out{{"queues", queues}, {"languages", languages}};
  return HttpResponse::json(200, out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

Result<Json> matches_json(ApiContext& context, const recorder::Call& call, const Sought& sought,
                          const KindNames& names) {
  EARFUL_ASSIGN(const std::vector<TagView> tags, context.state.tags_of(call.id));
  Json all = Json::array();
  for (const Match& match : matches_in(texts_of(call, tags, names), sought)) {
    const CallText& where = match.where;
    Json one{{"field", where.field}, {"text", where.text}, {"marks", Json::array()}};
    for (const Stretch& mark : match.marks) one["marks"].push_back({mark.begin, mark.end});
    if (!where.kind.empty()) one.update({{"kind", where.kind}, {"language", where.language}});
    if (!where.tag.is_zero()) one["event_id"] = where.tag.text();
    all.push_back(std::move(one));
  }
  return all;
}

void add_filter_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/filters",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller&,
                                                    const HttpResponder& responder) {
                 auto answer = show_filters(context);
                 responder.send(answer.ok() ? std::move(*answer) : refusal(answer.error()));
               }));
}

}  // namespace earful::agent
