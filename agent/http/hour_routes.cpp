// A listener's hours: drawn once a week, read again wherever they go on, changed call by call.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/hour/plan.h"
#include "agent/http/acts.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/hour_story.h"
#include "agent/http/json_fields.h"
#include "agent/http/query_number.h"
#include "agent/http/tag_post.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostHours = 200;

// Without a listener nothing is anybody's.
Result<ListenerView> owner(ApiContext& context, const Caller& caller) {
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  return root_of(context, listener);
}

Week this_week(const ApiContext& context) { return context.site.calendar.week_of(wall_now()); }

Json week_json(const Week& week) {
  return {{"from", week.first_day}, {"to", week.last_day}, {"iso", week.iso}};
}

Result<std::string> story_of_week(ApiContext& context, const ListenerId& who, const Week& week) {
  EARFUL_ASSIGN(const std::optional<PlannedHour> hour,
                context.state.hours().of_week(who, week.first_day));
  if (!hour) {
    return Json{{"hour_id", nullptr}, {"why", "not-drawn"}, {"week", week_json(week)}}.dump();
  }
  EARFUL_ASSIGN(const HourStory story, read_story(context, *hour));
  return hour_json(context, story);
}

HttpResponse answer(Result<std::string> json) {
  return json.ok() ? HttpResponse::json(200, std::move(*json)) : refusal(json.error());
}

// ---- drawing

std::string nothing_drawn(const HourPlanned& plan, const Week& week) {
  return Json{{"hour_id", nullptr},
              {"why", plan.frame_calls == 0 ? "no-calls" : "none-fits"},
              {"week", week_json(week)},
              {"frame",
               {{"calls", plan.frame_calls},
                {"too_short", plan.too_short},
                {"too_long", plan.too_long},
                {"shortest_ms", plan.shortest_ms},
                {"longest_ms", plan.longest_ms}}}}
      .dump();
}

// The scribe answers on its thread; the state is read where the body is pulled.
HttpResponse drawn(ApiContext& context, int status, const ListenerId& who, const Week& week) {
  HttpResponse response = HttpResponse::json(status, "");
  response.stream.emplace().pull = [&context, who, week, sent = false](std::string& out) mutable {
    if (std::exchange(sent, true)) return HttpPull::kEnd;
    auto json = story_of_week(context, who, week);
    out = json.ok()
              ? std::move(*json)
              : Json{{"error", {{"code", json.error().code}, {"message", json.error().message}}}}
                    .dump(-1, ' ', false, Json::error_handler_t::replace);
    return HttpPull::kMore;
  };
  return response;
}

// Two browsers may ask at once, and one hour is drawn: what is there is looked at once more on the
// scribe's thread.
Result<void> draw(ApiContext& context, const HttpRequest& request, const Caller& caller,
                  const HttpResponder& responder) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  EARFUL_TRY(fields.finish());
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  const ListenerId who = root_of(context, listener).id;
  const Week week = this_week(context);
  EARFUL_ASSIGN(const std::optional<PlannedHour> there,
                context.state.hours().of_week(who, week.first_day));
  if (there) {
    responder.send(answer(story_of_week(context, who, week)));
    return {};
  }
  Event event = new_event();
  event.listener = listener.id;
  event.personal.listener_name = listener.name;
  const auto planned = [&context, responder, who, week,
                        event](Result<HourPlanned> plan) mutable {  // on the planner's thread
    if (!plan.ok()) return responder.send(refusal(plan.error()));
    if (plan->calls.empty()) {
      return responder.send(HttpResponse::json(200, nothing_drawn(*plan, week)));
    }
    event.payload = std::move(*plan);
    const EventMaker make = [event, who, week](State& state) -> Result<std::optional<Event>> {
      EARFUL_ASSIGN(const std::optional<PlannedHour> before,
                    state.hours().of_week(who, week.first_day));
      return before ? std::optional<Event>() : std::optional<Event>(event);
    };
    context.scribe.append_made(make, [&context, responder, who, week](const Result<Saved>& saved) {
      if (!saved.ok()) return responder.send(refusal(saved.error()));
      responder.send(drawn(context, saved->repeated ? 200 : 201, who, week));
    });
  };
  context.planner->plan({who, week, event.time}, planned);
  return {};
}

// ---- reading

Result<PlannedHour> hour_in_path(ApiContext& context, const HttpRequest& request,
                                 const ListenerId& who) {
  const auto id = EventId::parse(request.param("hour_id"));
  if (id) {
    EARFUL_ASSIGN(const std::optional<PlannedHour> hour, context.state.hours().find(*id));
    if (hour && root_of(context, {hour->listener, ""}).id == who) return *hour;
  }
  return Error{"E_NO_HOUR", "You have no such hour; GET /api/v1/hours lists yours."};
}

Result<HourStory> story_in_path(ApiContext& context, const HttpRequest& request,
                                const Caller& caller) {
  EARFUL_ASSIGN(const ListenerView who, owner(context, caller));
  EARFUL_ASSIGN(const PlannedHour hour, hour_in_path(context, request, who.id));
  return read_story(context, hour);
}

Result<std::string> show_this_week(ApiContext& context, const HttpRequest&, const Caller& caller) {
  EARFUL_ASSIGN(const ListenerView who, owner(context, caller));
  return story_of_week(context, who.id, this_week(context));
}

struct HoursPage {
  size_t limit = 52;
  std::string after;  // the first day of a week
};

Result<HoursPage> hours_page(const ApiContext& context, const HttpRequest& request) {
  HoursPage page;
  for (const auto& [name, value] : request.query) {
    if (name == "limit") {
      if (!read_number(value, 1, kMostHours, page.limit)) {
        return Error{"E_QUERY", "limit must be from 1 to 200."};
      }
    } else if (name == "after") {
      if (!context.site.calendar.week_with(value)) {
        return Error{"E_AFTER", "after must be next of the page before, a day like 2026-11-22."};
      }
      page.after = value;
    } else {
      return Error{"E_QUERY", "There is no parameter of that name; there are limit and after."};
    }
  }
  return page;
}

Result<std::string> list_hours(ApiContext& context, const HttpRequest& request,
                               const Caller& caller) {
  EARFUL_ASSIGN(const HoursPage page, hours_page(context, request));
  EARFUL_ASSIGN(const ListenerView who, owner(context, caller));
  EARFUL_ASSIGN(const std::vector<PlannedHour> hours, context.state.hours().of_listener(who.id));
  std::string lines, last;
  size_t left = page.limit;
  for (const PlannedHour& hour : hours) {  // the newest week first
    if (!page.after.empty() && hour.plan.week >= page.after) continue;
    if (left-- == 0) return "{\"hours\":[" + lines + "],\"next\":\"" + last + "\"}";
    EARFUL_ASSIGN(const HourStory story, read_story(context, hour));
    lines += (lines.empty() ? "" : ",") + hour_line_json(context, story);
    last = hour.plan.week;
  }
  return "{\"hours\":[" + lines + "],\"next\":\"\"}";
}

Result<std::string> show_hour(ApiContext& context, const HttpRequest& request,
                              const Caller& caller) {
  EARFUL_ASSIGN(const HourStory story, story_in_path(context, request, caller));
  return hour_json(context, story);
}

Result<std::string> show_note(ApiContext& context, const HttpRequest& request,
                              const Caller& caller) {
  EARFUL_ASSIGN(const HourStory story, story_in_path(context, request, caller));
  return note_json(context, story);
}

Result<HttpResponse> show_frame(ApiContext& context, const HttpRequest& request,
                                const Caller& caller) {
  EARFUL_ASSIGN(const ListenerView who, owner(context, caller));
  EARFUL_ASSIGN(const PlannedHour hour, hour_in_path(context, request, who.id));
  HttpResponse response;
  response.content_type = "text/plain; charset=utf-8";
  response.file = HttpFile{frame_path(context.frames_dir, hour.plan.frame_sha256)};
  std::error_code fault;
  if (std::filesystem::exists(response.file->path, fault)) return response;
  return Error{"E_NO_FRAME",
               "The frame of this hour is at the station that drew it; its SHA-256 is " +
                   to_hex(hour.plan.frame_sha256) + "."};
}

// ---- changing

Result<Event> act_on_call(ApiContext& context, const HttpRequest& request, const Caller& caller,
                          const std::optional<EventId>& id, PlannedHour& hour) {
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  EARFUL_ASSIGN(hour, hour_in_path(context, request, root_of(context, listener).id));
  const auto call_id = CallId::parse(request.param("call_id"));
  if (!call_id) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, context.library.find(*call_id));
  return act(id, listener, *call_id, call);
}

Result<Event> skipping(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  EARFUL_ASSIGN(const std::optional<EventId> id, read_event_id(fields));
  const bool withdrawn = fields.boolean("withdrawn").value_or(false);
  EARFUL_TRY(fields.finish());
  PlannedHour hour;
  EARFUL_ASSIGN(Event event, act_on_call(context, request, caller, id, hour));
  // A call that is gone can be passed over as well; one that was never in it cannot.
  EARFUL_ASSIGN(const HourStory story, read_story(context, hour));
  const bool in_hour =
      std::any_of(story.outcome.calls.begin(), story.outcome.calls.end(),
                  [&](const HourCallState& one) { return one.planned.call == *event.subject; });
  if (!in_hour) return Error{"E_NO_CALL", "This call is not in the hour."};
  event.payload = HourCallSkipped{hour.id, withdrawn};
  return event;
}

Result<Event> adding(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(const std::optional<EventId> id, parse_event_id_only(request.body));
  PlannedHour hour;
  EARFUL_ASSIGN(Event event, act_on_call(context, request, caller, id, hour));
  if (!event.call)
    return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  event.payload = HourCallAdded{hour.id};
  return event;
}

Result<Event> saying(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  EARFUL_ASSIGN(const std::optional<EventId> id, read_event_id(fields));
  const std::string words = fields.required_text("words");
  EARFUL_TRY(fields.finish());
  if (words.size() > kMaxNoteBytes) {
    return Error{"E_NOTE_SIZE", "What is said of an hour may have 4,096 bytes."};
  }
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  EARFUL_ASSIGN(const PlannedHour hour,
                hour_in_path(context, request, root_of(context, listener).id));
  Event event = act_without_call(id, listener);
  event.personal.note = words;
  event.payload = HourWords{hour.id};
  return event;
}

}  // namespace

void add_hour_routes(HttpServer& server, ApiContext& context) {
  const auto read = [&](std::string_view path, auto make) {
    server.route(
        "GET", path,
        guarded(context.sessions, [&context, make](const HttpRequest& request, const Caller& caller,
                                                   const HttpResponder& responder) {
          responder.send(answer(make(context, request, caller)));
        }));
  };
  read("/api/v1/hour", &show_this_week);
  read("/api/v1/hours", &list_hours);
  read("/api/v1/hours/{hour_id}", &show_hour);
  read("/api/v1/hours/{hour_id}/note", &show_note);
  server.route(
      "GET", "/api/v1/hours/{hour_id}/frame",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        auto frame = show_frame(context, request, caller);
        responder.send(frame.ok() ? std::move(*frame) : refusal(frame.error()));
      }));
  server.route(
      "POST", "/api/v1/hour",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        if (const auto done = draw(context, request, caller, responder); !done.ok()) {
          responder.send(refusal(done.error()));
        }
      }));
  const auto change = [&](std::string_view path, auto make) {
    server.route(
        "POST", path,
        guarded(context.sessions, [&context, make](const HttpRequest& request, const Caller& caller,
                                                   const HttpResponder& responder) {
          auto event = make(context, request, caller);
          if (!event.ok()) return responder.send(refusal(event.error()));
          save(context, std::move(*event), responder, 201);
        }));
  };
  change("/api/v1/hours/{hour_id}/calls/{call_id}/skip", &skipping);
  change("/api/v1/hours/{hour_id}/calls/{call_id}/add", &adding);
  change("/api/v1/hours/{hour_id}/words", &saying);
}

}  // namespace earful::agent
