#include <nlohmann/json.hpp>

#include "proto/cadence.h"

namespace earful {
namespace {

using Json = nlohmann::ordered_json;

Json place_json(const PlaceHeard& place) { return {{"queue", place.queue}, {"team", place.team}}; }

}  // namespace

std::string cadence_json(const Cadence& cadence, WallTime now) {
  Json weeks = Json::array(), leaders = Json::array();
  for (const Week& week : cadence.weeks) {
    weeks.push_back({{"from", week.first_day},
                     {"to", week.last_day},
                     {"iso", week.iso},
                     {"now", week.has(now)}});
  }
  for (const LeaderCadence& leader : cadence.leaders) {
    Json states = Json::array(), missed = Json::array();
    for (size_t i = 0; i < leader.weeks.size(); ++i) {
      states.push_back(leader_week_text(leader.weeks[i]));
      if (leader.weeks[i] == LeaderWeek::kMissed) missed.push_back(cadence.weeks[i].first_day);
    }
    leaders.push_back({{"id", leader.id.text()},
                       {"name", leader.name},
                       {"weeks", states},
                       {"ms", leader.ms},
                       {"heard", leader.heard},
                       {"of", leader.heard + leader.missed},
                       {"missed", missed}});
  }
  Json places = Json::array(), unheard = Json::array();
  for (const PlaceHeard& place : cadence.places) {
    places.push_back(place_json(place));
    places.back()["ms"] = place.ms;
  }
  for (const PlaceHeard& place : cadence.unheard) unheard.push_back(place_json(place));
  Json json{{"from", cadence.weeks.empty() ? "" : cadence.weeks.front().first_day},
            {"to", cadence.weeks.empty() ? "" : cadence.weeks.back().last_day}};
  json["weeks"] = std::move(weeks);
  json["leaders"] = std::move(leaders);
  json["places"] = std::move(places);
  json["unheard"] = std::move(unheard);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace earful
