// Who has listened in which week, from this station's state alone: it has read what all stations
// tell. The fold is the collector's.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "agent/http/acts.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"
#include "agent/http/tag_post.h"
#include "proto/cadence.h"

namespace earful::agent {
namespace {

constexpr size_t kWeeks = 52;
constexpr int kFirstYear = 2000, kLastYear = 2099;

Result<std::vector<Week>> weeks_asked_for(const ApiContext& context, const HttpRequest& request) {
  const SiteCalendar& calendar = context.site.calendar;
  std::optional<int> wanted;
  for (const auto& [name, value] : request.query) {
    int year = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, fault] = std::from_chars(value.data(), end, year);
    if (name != "year" || wanted || fault != std::errc() || stop != end || year < kFirstYear ||
        year > kLastYear) {
      return Error{"E_QUERY", "There is only year here, from 2000 to 2099."};
    }
    wanted = year;
  }
  return wanted ? calendar.weeks_of_year(*wanted) : calendar.last_weeks(kWeeks, wall_now());
}

// Merged listeners are told as who they are now.
Result<CadenceFold> read_fold(ApiContext& context, const std::vector<Week>& weeks) {
  CadenceFold fold(context.site.calendar);
  HourTable hours = context.state.hours();
  std::map<ListenerId, ListenerId> roots;
  const auto root = [&](const ListenerId& id) {
    const auto [known, first] = roots.try_emplace(id);
    if (first) known->second = root_of(context, {id, ""}).id;
    return known->second;
  };
  EARFUL_ASSIGN(const std::vector<PlannedHour> planned, hours.all());
  for (const PlannedHour& hour : planned) {
    fold.leaders().add_hour({hour.id, root(hour.listener), hour.planned_at, hour.plan});
  }
  EARFUL_ASSIGN(const std::vector<Event> off, hours.weeks_off());
  for (const Event& event : off) {
    const auto* week = std::get_if<WeekTakenOff>(&event.payload);
    if (week && event.listener) {
      fold.add_week_off(root(*event.listener), week->week, !week->withdrawn);
    }
  }
  const WallTime from = weeks.front().from, to = weeks.back().to;
  // An hour may have calls that were heard before the weeks asked for, or after them.
  EARFUL_ASSIGN(const std::vector<HeardSpan> spans,
                hours.heard_by_leaders(WallTime(), std::max(to, wall_now())));
  for (const HeardSpan& span : spans) {
    fold.leaders().add_heard(root(span.listener),
                             {span.listening,
                              {span.call, span.since, span.heard, span.silences, span.opened_early},
                              span.queue,
                              span.team});
  }
  EARFUL_ASSIGN(const std::vector<ServedPlace> places, hours.served(from, to));
  for (const ServedPlace& place : places) fold.add_place(place.queue, place.team, from);
  EARFUL_ASSIGN(const std::vector<ListenerView> listeners, context.state.listeners());
  for (const ListenerView& one : listeners) fold.leaders().name(one.id, one.name);
  return fold;
}

Result<std::string> show_cadence(ApiContext& context, const HttpRequest& request) {
  EARFUL_ASSIGN(const std::vector<Week> weeks, weeks_asked_for(context, request));
  EARFUL_ASSIGN(const CadenceFold fold, read_fold(context, weeks));
  const WallTime now = wall_now();
  return cadence_json(fold.make(weeks, now), now);
}

Result<Event> taking_off(ApiContext& context, const HttpRequest& request, const Caller& caller) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  EARFUL_ASSIGN(const std::optional<EventId> id, read_event_id(fields));
  const std::optional<bool> off = fields.boolean("off");
  EARFUL_TRY(fields.finish());
  if (!off) return Error{"E_FIELD", "The field off must be true or false."};
  const auto week = context.site.calendar.week_with(request.param("week"));
  if (!week || week->first_day != request.param("week")) {
    return Error{"E_FIELD", "The path must name a week by its first day" +
                                (week ? ", " + week->first_day : " such as 2026-11-22") + "."};
  }
  EARFUL_ASSIGN(const ListenerView listener, acting_listener(context, caller));
  Event event = act_without_call(id, listener);
  event.payload = WeekTakenOff{week->first_day, week->iso, !*off};
  return event;
}

}  // namespace

void add_cadence_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/cadence",
               guarded(context.sessions, [&context](const HttpRequest& request, const Caller&,
                                                    const HttpResponder& responder) {
                 auto json = show_cadence(context, request);
                 responder.send(json.ok() ? HttpResponse::json(200, std::move(*json))
                                          : refusal(json.error()));
               }));
  server.route(
      "POST", "/api/v1/cadence/weeks/{week}",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        auto event = taking_off(context, request, caller);
        if (!event.ok()) return responder.send(refusal(event.error()));
        save(context, std::move(*event), responder, 201);
      }));
}

}  // namespace earful::agent
