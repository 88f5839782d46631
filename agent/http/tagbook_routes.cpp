#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "proto/tagbook.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

Json kind_json(const KindView& view) {
  const TagKind& kind = view.kind;
  return {{"id", kind.id},
          {"family", kind.family},
          {"labels", kind.labels},
          {"hint", kind.hint},
          {"hints", kind.hints},
          {"key", kind.key},
          {"shape", kind.shape == TagShape::kRange ? "range" : "point"},
          {"lead_ms", kind.lead_ms},
          {"lag_ms", kind.lag_ms},
          {"severity", kind.severity},
          {"order", kind.order},
          {"opens", kind.opens},
          {"retired", view.retired || !view.merged_into.empty()},
          {"merged_into", view.merged_into},
          {"revision", kind.revision},
          {"sets", kind.sets}};
}

HttpResponse show_tagbook(ApiContext& context, const Caller& caller) {
  const auto kinds = context.state.kinds();
  if (!kinds.ok()) return refusal(kinds.error());
  Json out{{"kinds", Json::array()}, {"families", Json::array()}};
  out["may_edit"] = may_edit_book(context, caller);
  out["may_merge_listeners"] = may_merge_listeners(context, caller);
  for (const KindView& view : *kinds) out["kinds"].push_back(kind_json(view));
  for (const TagFamily& family : default_tagbook().families) {
    out["families"].push_back({{"id", family.id}, {"labels", family.labels}});
  }
  return HttpResponse::json(200, out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

void add_tagbook_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/tagbook",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller& caller,
                                                    const HttpResponder& responder) {
                 responder.send(show_tagbook(context, caller));
               }));
}

}  // namespace earful::agent
