// Changes of the tag book. Each is one event; what it may be is decided on the scribe's thread, by
// the book as it is when the change's turn has come, so that of two at once the second is told.
#include <nlohmann/json.hpp>

#include "agent/book/kind_change.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

// What a request asks for, and what became of it. Written on the scribe's thread, read by the
// answer there.
struct Asked {
  std::string id;
  std::string into;
  KindChange change;
  uint32_t revision = 0;
  std::vector<KindView> near;
};
using Decide = Result<std::optional<Payload>> (*)(const TagbookFold&, Asked&);
using Read = Result<Asked> (*)(const HttpRequest&);

KindChange change_of(JsonFields& fields) {
  KindChange change;
  change.family = fields.text("family");
  change.labels = fields.texts_by_name("labels");
  change.hint = fields.text("hint");
  change.hints = fields.texts_by_name("hints");
  change.key = fields.text_or_null("key");
  change.shape = fields.text("shape");
  change.lead_ms = fields.number("lead_ms");
  change.lag_ms = fields.number("lag_ms");
  change.severity = fields.number("severity");
  change.order = fields.number("order");
  change.opens = fields.text_or_null("opens");
  change.sets = fields.texts("sets");
  change.revision = fields.number("revision");
  change.sure = fields.boolean("sure").value_or(false);
  return change;
}

Result<Asked> read_definition(const HttpRequest& request) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  Asked asked{.id = fields.text("id").value_or(""), .change = change_of(fields)};
  EARFUL_TRY(fields.finish());
  return asked;
}

Result<Asked> read_change(const HttpRequest& request) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  Asked asked{.id = std::string(request.param("kind_id")), .change = change_of(fields)};
  EARFUL_TRY(fields.finish());
  return asked;
}

Result<Asked> read_merge(const HttpRequest& request) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  Asked asked{.id = std::string(request.param("kind_id")), .into = fields.required_text("into")};
  asked.change.revision = fields.number("revision");
  EARFUL_TRY(fields.finish());
  return asked;
}

Result<Asked> read_retirement(const HttpRequest& request) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  Asked asked{.id = std::string(request.param("kind_id"))};
  asked.change.revision = fields.number("revision");
  EARFUL_TRY(fields.finish());
  return asked;
}

Result<std::optional<Payload>> definition(Result<std::optional<TagKind>> kind, Asked& asked) {
  EARFUL_ASSIGN(std::optional<TagKind> made, std::move(kind));
  if (!made) return std::optional<Payload>();
  asked.id = made->id;
  asked.revision = made->revision;
  return std::optional<Payload>(TagKindDefined{*std::move(made)});
}

Result<std::optional<Payload>> define(const TagbookFold& book, Asked& asked) {
  return definition(define_kind(book, asked.id, asked.change, asked.near), asked);
}

Result<std::optional<Payload>> revise(const TagbookFold& book, Asked& asked) {
  return definition(revise_kind(book, asked.id, asked.change, asked.near), asked);
}

Result<std::optional<Payload>> restore(const TagbookFold& book, Asked& asked) {
  return definition(restore_kind(book, asked.id, asked.change, asked.near), asked);
}

Result<std::optional<Payload>> merge(const TagbookFold& book, Asked& asked) {
  EARFUL_ASSIGN(const bool needed, may_merge(book, asked.id, asked.into, asked.change.revision));
  if (!needed) return std::optional<Payload>();
  ++asked.revision;
  return std::optional<Payload>(TagKindMerged{asked.id, book.root(asked.into)});
}

Result<std::optional<Payload>> retire(const TagbookFold& book, Asked& asked) {
  EARFUL_ASSIGN(const bool needed, may_retire(book, asked.id, asked.change.revision));
  if (!needed) return std::optional<Payload>();
  ++asked.revision;
  return std::optional<Payload>(TagKindRetired{asked.id});
}

// A refusal; of a name that is near others, with these.
HttpResponse refusal_of(const Error& error, const Asked& asked) {
  if (error.code != "E_NEAR") return refusal(error);
  Json out{{"error", {{"code", error.code}, {"message", error.message}}}, {"near", Json::array()}};
  for (const KindView& view : asked.near) {
    out["near"].push_back(
        {{"id", view.kind.id}, {"labels", view.kind.labels}, {"retired", view.retired}});
  }
  return HttpResponse::json(409, out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void change_book(ApiContext& context, const HttpRequest& request, const Caller& caller,
                 const HttpResponder& responder, Read read, Decide decide, int status_when_new) {
  auto wanted = read(request);
  if (!wanted.ok()) return responder.send(refusal(wanted.error()));
  const auto editor = acting_editor(context, caller);
  if (!editor.ok()) return responder.send(refusal(editor.error()));
  const auto asked = std::make_shared<Asked>(*std::move(wanted));
  const EventMaker make = [asked, decide,
                           who = *editor](State& state) -> Result<std::optional<Event>> {
    EARFUL_ASSIGN(const TagbookFold* book, state.tagbook());
    // Before the change, and what it stays where there is none to make.
    if (const TagKind* kind = book->find(asked->id)) asked->revision = kind->revision;
    EARFUL_ASSIGN(std::optional<Payload> payload, decide(*book, *asked));
    if (!payload) return std::optional<Event>();
    Event event = new_event();
    event.listener = who.id;
    event.personal.listener_name = who.name;
    event.payload = *std::move(payload);
    return std::optional(std::move(event));
  };
  context.scribe.append_made(make, [responder, asked, status_when_new](const Result<Saved>& saved) {
    if (!saved.ok()) return responder.send(refusal_of(saved.error(), *asked));
    const Json answer{{"id", asked->id}, {"revision", asked->revision}};
    responder.send(HttpResponse::json(saved->repeated ? 200 : status_when_new, answer.dump()));
  });
}

}  // namespace

void add_book_routes(HttpServer& server, ApiContext& context) {
  const auto add = [&](std::string_view method, std::string_view path, Read read, Decide decide,
                       int status_when_new) {
    server.route(method, path,
                 guarded(context.sessions, [&context, read, decide, status_when_new](
                                               const HttpRequest& request, const Caller& caller,
                                               const HttpResponder& responder) {
                   change_book(context, request, caller, responder, read, decide, status_when_new);
                 }));
  };
  add("POST", "/api/v1/tagbook/kinds", &read_definition, &define, 201);
  add("PUT", "/api/v1/tagbook/kinds/{kind_id}", &read_change, &revise, 200);
  add("POST", "/api/v1/tagbook/kinds/{kind_id}/merge", &read_merge, &merge, 200);
  add("POST", "/api/v1/tagbook/kinds/{kind_id}/retire", &read_retirement, &retire, 200);
  add("POST", "/api/v1/tagbook/kinds/{kind_id}/restore", &read_change, &restore, 200);
}

}  // namespace earful::agent
