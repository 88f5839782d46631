// Thank-yous: each tag of a kind that opens one is one, until somebody says how it was made.
#include <chrono>
#include <nlohmann/json.hpp>

#include "agent/http/acts.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"
#include "agent/http/tag_post.h"
#include "agent/http/thanks.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kThankYou = "thank-you";
constexpr std::chrono::days kLookBack{400};

Result<bool> is_thank_you(State& state, const TagView& tag) {
  EARFUL_ASSIGN(const TagbookFold* book, state.tagbook());
  const TagKind* kind = book->find(book->root(tag.kind));
  return kind && kind->opens == kThankYou;
}

Json closing_json(State& state, const SiteCalendar& calendar, const Event& closing) {
  const auto& closed = std::get<FollowUpClosed>(closing.payload);
  ListenerView by{closing.listener.value_or(ListenerId{}), closing.personal.listener_name};
  const auto known = state.listener(by.id);
  if (known.ok() && known->has_value()) by = **known;
  return {{"day", closed.day.empty() ? calendar.day_of(closing.time) : closed.day},
          {"how", closed.outcome},
          {"words", closing.personal.note},
          {"by", {{"id", by.id.text()}, {"name", by.name}}}};
}

Result<Json> thank_json(ApiContext& context, const TagView& tag,
                        const std::optional<recorder::Call>& call) {
  Json out{{"event_id", tag.id.text()},
           {"call_id", tag.call.text()},
           {"kind", tag.kind},
           {"at", format_rfc3339(tag.time)},
           {"listener", {{"id", tag.listener.text()}, {"name", tag.listener_name}}},
           {"start_ms", position_ms(tag.start)},
           {"end_ms", position_ms(tag.end)},
           {"note", tag.note},
           {"queue", tag.queue},
           {"team", tag.team}};
  out["here"] = call.has_value();
  out["agent_name"] = call ? call->agent_name : "";
  out["agent_ref"] = call ? call->snapshot.agent_ref : "";
  const bool known = call && call->snapshot.started_at;
  out["started_at"] = known ? Json(format_rfc3339(*call->snapshot.started_at)) : Json(nullptr);
  EARFUL_ASSIGN(const std::optional<Event> closing, context.state.hours().closing(tag.id));
  out["done"] =
      closing ? closing_json(context.state, context.site.calendar, *closing) : Json(nullptr);
  return out;
}

Result<std::string> list_thanks(ApiContext& context) {
  EARFUL_ASSIGN(const Thanks thanks, read_thanks(context, {}));
  return "{\"open\":" + thanks.open + ",\"done\":" + thanks.done + "}";
}

Error done_before(State& state, const SiteCalendar& calendar, const Event& closing) {
  const Json done = closing_json(state, calendar, closing);
  return {"E_DONE", done["by"]["name"].get<std::string>() + " has made this thank-you on " +
                        done["day"].get<std::string>() + "."};
}

Result<Event> thanking(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  EARFUL_ASSIGN(const std::optional<EventId> id, read_event_id(fields));
  FollowUpClosed closed{.outcome = fields.required_text("how"),
                        .day = fields.text("day").value_or("")};
  const std::string words = fields.text("words").value_or("");
  EARFUL_TRY(fields.finish());
  if (closed.outcome != "note" && closed.outcome != "call" && closed.outcome != "visit" &&
      closed.outcome != "other") {
    return Error{"E_FIELD", "The field how must be note, call, visit or other."};
  }
  if (closed.day.empty()) closed.day = context.site.calendar.day_of(wall_now());
  if (!context.site.calendar.day_start(closed.day)) {
    return Error{"E_FIELD", "The field day must be a day such as 2026-11-22."};
  }
  if (words.size() > kMaxNoteBytes) {
    return Error{"E_NOTE_SIZE", "The words of a thank-you may have 4,096 bytes."};
  }
  const auto tag_id = EventId::parse(request.param("event_id"));
  std::optional<TagView> tag;
  if (tag_id) {
    EARFUL_ASSIGN(tag, context.state.tag(*tag_id));
  }
  if (!tag) return Error{"E_NO_TAG", "There is no such tag; GET /api/v1/thanks lists them."};
  EARFUL_ASSIGN(const bool thank_you, is_thank_you(context.state, *tag));
  if (tag->retracted || !thank_you) {
    return Error{"E_NO_THANKS", tag->retracted
                                    ? "This tag was retracted: there is nobody to thank for it."
                                    : "This tag opens no thank-you."};
  }
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, context.library.find(tag->call));
  Event event = act(id, listener, tag->call, call);
  closed.follow_up = tag->id;
  event.personal.note = words;
  event.payload = closed;
  return event;
}

// Two who close it at once: the second is told of the first, but a repeat is the same act. Looked
// at on the scribe's thread, where nothing comes between.
void close(ApiContext& context, const Event& event, const HttpResponder& responder) {
  const EventId tag = std::get<FollowUpClosed>(event.payload).follow_up;
  const SiteCalendar calendar = context.site.calendar;
  const EventMaker make = [event, tag, calendar](State& state) -> Result<std::optional<Event>> {
    EARFUL_ASSIGN(const std::optional<Event> before, state.hours().closing(tag));
    if (before && before->id != event.id) return done_before(state, calendar, *before);
    return std::optional(event);
  };
  context.scribe.append_made(make, [responder, id = event.id](const Result<Saved>& saved) {
    if (!saved.ok()) return responder.send(refusal(saved.error()));
    const Json told{{"event_id", id.text()}, {"seq", saved->seq}};
    responder.send(HttpResponse::json(saved->repeated ? 200 : 201, told.dump()));
  });
}

}  // namespace

Result<Thanks> read_thanks(ApiContext& context, const std::string& agent_ref) {
  EARFUL_ASSIGN(const TagbookFold* book, context.state.tagbook());
  std::vector<std::string> kinds;
  Json labelled = Json::array();
  for (const KindView& view : book->all()) {
    const TagKind* root = book->find(book->root(view.kind.id));
    if (!root || root->opens != kThankYou) continue;
    kinds.push_back(view.kind.id);
    labelled.push_back({{"id", view.kind.id}, {"labels", root->labels}});
  }
  EARFUL_ASSIGN(const std::vector<TagView> tags,
                context.state.tags_of_kinds(kinds, wall_now() - kLookBack));
  Json open = Json::array(), done = Json::array();
  for (const TagView& tag : tags) {
    EARFUL_ASSIGN(const std::optional<recorder::Call> call, context.library.find(tag.call));
    if (!agent_ref.empty() && (!call || call->snapshot.agent_ref != agent_ref)) continue;
    EARFUL_ASSIGN(Json one, thank_json(context, tag, call));
    (one["done"].is_null() ? open : done).push_back(std::move(one));
  }
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  return Thanks{text(open), text(done), text(labelled)};
}

void add_thanks_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/thanks",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller&,
                                                    const HttpResponder& responder) {
                 auto json = list_thanks(context);
                 responder.send(json.ok() ? HttpResponse::json(200, std::move(*json))
                                          : refusal(json.error()));
               }));
  server.route(
      "POST", "/api/v1/tags/{event_id}/thanked",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        auto event = thanking(context, request, caller);
        if (!event.ok()) return responder.send(refusal(event.error()));
        close(context, *event, responder);
      }));
}

}  // namespace earful::agent
