#include "collector/report/listening_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace earful::collector {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMsPerMinute = 60'000;
constexpr size_t kMaxNameBytes = 200;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// "9 May" of "2026-05-09".
std::string day_text(const std::string& day, bool month) {
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string number = std::to_string(std::stoi(day.substr(8, 2)));
  return month ? number + " " + kMonths.at(size_t(std::stoi(day.substr(5, 2)) - 1)) : number;
}

std::string name_of(const LeaderCadence& leader) {
  return leader.name.empty() ? leader.id.text()
                             : without_controls(leader.name.substr(0, kMaxNameBytes));
}

// "billing / north", or the one there is.
std::string place_text(const PlaceHeard& place) {
  const std::string text =
      place.queue + (place.queue.empty() || place.team.empty() ? "" : " / ") + place.team;
  return text.empty() ? "(neither queue nor team)" : without_controls(text);
}

const char* block(LeaderWeek week) {
  switch (week) {
    case LeaderWeek::kHeard:
      return "█";
    case LeaderWeek::kMissed:
      return "░";
    case LeaderWeek::kOff:
      return "-";
    case LeaderWeek::kOpen:
      return "·";
    case LeaderWeek::kBefore:
    case LeaderWeek::kAhead:
      return " ";
  }
  return " ";
}

std::string missed_text(const LeaderCadence& leader, const Cadence& cadence) {
  std::string text;
  for (size_t i = 0; i < leader.weeks.size(); ++i) {
    if (leader.weeks[i] != LeaderWeek::kMissed) continue;
    text += (text.empty() ? "missed " : ", ") + week_text(cadence.weeks[i]);
  }
  return text;
}

std::string counted(size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

std::string week_text(const Week& week) {
  const bool two_months = week.first_day.substr(0, 7) != week.last_day.substr(0, 7);
  return day_text(week.first_day, two_months) + "–" + day_text(week.last_day, true);
}

std::string share_text(double share) {
  if (share <= 0) return "none";
  if (share >= 1) return "all";
  // Shares of which a person has a picture; between two of them, the nearer one.
  static constexpr std::array<std::pair<double, const char*>, 6> kPictures = {{{1. / 2, "1 in 2"},
                                                                               {2. / 3, "2 in 3"},
                                                                               {3. / 4, "3 in 4"},
                                                                               {4. / 5, "4 in 5"},
                                                                               {9. / 10, "9 in 10"},
                                                                               {1., "nearly all"}}};
  if (share < 1e-6) return "1 in a million or fewer";
  if (share < 5. / 12) {
    const double of = 1 / share;
    double step = 1;  // two digits say enough
    while (of / step >= 100) step *= 10;
    return "1 in " + std::to_string(int64_t(std::round(of / step) * step));
  }
  const auto nearer = [&](const auto& a, const auto& b) {
    return std::abs(a.first - share) < std::abs(b.first - share);
  };
  return std::min_element(kPictures.begin(), kPictures.end(), nearer)->second;
}

std::string cadence_text(const Cadence& cadence, const Site& site) {
  if (cadence.weeks.empty()) return "There is no week in that time.\n";
  std::string text = "Weeks with a listening hour, " + cadence.weeks.front().first_day + " to " +
                     cadence.weeks.back().last_day;
  if (!site.name.empty()) text += ", " + site.name;
  text += " (" + site.calendar.zone() + ", weeks from " + std::string(site.calendar.first_day()) +
          ")\n\n";
  if (cadence.leaders.empty()) return text + "Nobody had planned an hour by then.\n";
  for (const LeaderCadence& leader : cadence.leaders) {
    text += name_of(leader) + ": " + std::to_string(leader.heard) + " of " +
            std::to_string(leader.heard + leader.missed);
    const std::string missed = missed_text(leader, cadence);
    text += (missed.empty() ? "" : "; " + missed) + "\n  ";
    for (const LeaderWeek week : leader.weeks) text += block(week);
    text += "\n";
  }
  text += "\n█ heard  ░ missed  - off  · this week, not yet\n";
  if (!cadence.places.empty()) text += "\nMinutes heard\n";
  for (const PlaceHeard& place : cadence.places) {
    std::string minutes = std::to_string((place.ms + kMsPerMinute / 2) / kMsPerMinute);
    minutes.insert(0, minutes.size() < 6 ? 6 - minutes.size() : 0, ' ');
    text += minutes + "  " + place_text(place) + "\n";
  }
  if (!cadence.unheard.empty()) text += "\nNobody has listened to\n";
  for (const PlaceHeard& place : cadence.unheard) text += "        " + place_text(place) + "\n";
  return text;
}

std::string estimate_json(const Estimates& estimates, const EstimateFold& fold,
                          const EstimatePeriod& period) {
  Json problems = Json::array();
  for (const ProblemShare& one : estimates.problems) {
    problems.push_back({{"kind", one.kind},
                        {"label", fold.label_of(one.kind)},
                        {"calls", one.calls},
                        {"of", one.of},
                        {"share", one.share.estimate},
                        {"low", one.share.low},
                        {"high", one.share.high}});
  }
  return dumped({{"since", period.since},
                 {"until", period.until},
                 {"hours", estimates.hours},
                 {"drawn", estimates.drawn},
                 {"skipped", estimates.skipped},
                 {"calls", estimates.calls},
                 {"problems", problems}});
}

std::string estimate_text(const Estimates& estimates, const EstimateFold& fold,
                          const EstimatePeriod& period) {
  std::string text = "Hours of weeks that begin from " + period.since + " to " + period.until +
                     ": " + counted(estimates.hours, "hour", "hours") + ", " +
                     counted(estimates.drawn, "call", "calls") + " drawn, " +
                     std::to_string(estimates.skipped) + " skipped, " +
                     std::to_string(estimates.calls) + " heard at random\n\n";
  if (estimates.calls == 0) return text + "No call was drawn and heard, so nothing can be said.\n";
  if (estimates.problems.empty()) return text + "None of them had a problem that was tagged.\n";
  for (const ProblemShare& one : estimates.problems) {
    text += without_controls(fold.label_of(one.kind)) + ": in " + std::to_string(one.calls) +
            " of " + counted(one.of, "call", "calls") + " heard at random, about " +
            share_text(one.share.estimate) + "; of all calls likely between " +
            share_text(one.share.low) + " and " + share_text(one.share.high) + "\n";
  }
  return text;
}

}  // namespace earful::collector
