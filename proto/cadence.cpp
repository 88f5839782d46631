#include "proto/cadence.h"

#include <algorithm>

#include "proto/stretches.h"

namespace earful {

// One leader, with everybody who was merged into them.
struct CadenceFold::Person {
  struct Planned {
    const LeaderHour* hour;
    Week week;
  };
  std::vector<Planned> hours;         // by week
  std::map<std::string, Word> words;  // off or not, by first day
  std::vector<int64_t> ms;            // by week asked for
};

std::string_view leader_week_text(LeaderWeek week) {
  switch (week) {
    case LeaderWeek::kBefore:
      return "before";
    case LeaderWeek::kHeard:
      return "heard";
    case LeaderWeek::kMissed:
      return "missed";
    case LeaderWeek::kOff:
      return "off";
    case LeaderWeek::kOpen:
      return "open";
    case LeaderWeek::kAhead:
      return "ahead";
  }
  EARFUL_CHECK(false);
}

void CadenceFold::learn(const Event& event) {
  leaders_.learn(event);
  const auto* off = std::get_if<WeekTakenOff>(&event.payload);
  if (off && event.listener) add_week_off(*event.listener, off->week, !off->withdrawn);
}

void CadenceFold::add(const Event& event) {
  leaders_.add(event);
  if (event.call && !event.call->sample) {
    add_place(event.call->queue, event.call->team, event.call->started_at.value_or(event.time));
  }
}

void CadenceFold::add_week_off(const ListenerId& listener, const std::string& week, bool off) {
  weeks_off_[{listener, week}] = {++words_, off};
}

void CadenceFold::add_place(const std::string& queue, const std::string& team, WallTime time) {
  if (queue.empty() && team.empty()) return;
  auto after = weeks_known_.upper_bound(time);
  if (after == weeks_known_.begin() || !std::prev(after)->second.has(time)) {
    const Week week = calendar_.week_of(time);
    after = std::next(weeks_known_.emplace(week.from, week).first);
  }
  places_[{queue, team}].insert(std::prev(after)->first);
}

CadenceFold::Persons CadenceFold::persons() const {
  Persons persons;
  for (const LeaderHour* hour : leaders_.hours()) {
    const auto week = calendar_.week_like(hour->plan.week);
    if (week) persons[leaders_.root(hour->listener)].hours.push_back({hour, *week});
  }
  for (auto& [id, person] : persons) {
    std::stable_sort(person.hours.begin(), person.hours.end(),
                     [](const Person::Planned& a, const Person::Planned& b) {
                       return a.week.from < b.week.from;
                     });
  }
  for (const auto& [key, word] : weeks_off_) {
    const auto person = persons.find(leaders_.root(key.first));
    const auto week = calendar_.week_like(key.second);
    if (person == persons.end() || !week) continue;
    Word& last = person->second.words[week->first_day];
    if (word.place > last.place) last = word;
  }
  return persons;
}

void CadenceFold::count_minutes(std::span<const Week> weeks, Persons& persons,
                                Cadence& cadence) const {
  struct Stretches {
    std::vector<Interval> heard;
    std::string queue, team;
  };
  std::map<std::tuple<ListenerId, size_t, CallId>, Stretches> calls;
  for (const auto& [key, rows] : leaders_.heard()) {
    const auto& [listener, call] = key;
    for (const auto& [stay, row] : rows) {
      const auto week =
          std::upper_bound(weeks.begin(), weeks.end(), row.heard.time,
                           [](WallTime time, const Week& one) { return time < one.to; });
      if (week == weeks.end() || !week->has(row.heard.time)) continue;
      Stretches& kept = calls[{leaders_.root(listener), size_t(week - weeks.begin()), call}];
      kept.heard.insert(kept.heard.end(), row.heard.heard.begin(), row.heard.heard.end());
      if (!row.queue.empty()) kept.queue = row.queue;
      if (!row.team.empty()) kept.team = row.team;
    }
  }
  std::map<std::pair<std::string, std::string>, int64_t> places;
  for (auto& [key, person] : persons) person.ms.resize(weeks.size());
  for (auto& [key, kept] : calls) {
    const auto person = persons.find(std::get<ListenerId>(key));
    if (person == persons.end()) continue;
    const int64_t ms = total(joined(std::move(kept.heard))) / kPositionsPerMs;
    person->second.ms[std::get<size_t>(key)] += ms;
    if (ms > 0) places[{kept.queue, kept.team}] += ms;
  }
  for (const auto& [place, ms] : places) {
    cadence.places.push_back({place.first, place.second, ms});
  }
  std::stable_sort(cadence.places.begin(), cadence.places.end(),
                   [](const PlaceHeard& a, const PlaceHeard& b) { return a.ms > b.ms; });
  for (const auto& [place, served] : places_) {
    const bool now = std::any_of(weeks.begin(), weeks.end(),
                                 [&](const Week& week) { return served.contains(week.from); });
    if (now && !places.contains(place)) cadence.unheard.push_back({place.first, place.second, 0});
  }
}

LeaderCadence CadenceFold::row_of(const ListenerId& id, const Person& person,
                                  std::span<const Week> weeks, WallTime now) const {
  // Of the hour they plan by now, 20 minutes of 60.
  constexpr int64_t kPartHeard = 3;
  LeaderCadence row{id, leaders_.name_of(id), {}, person.ms};
  auto next = person.hours.begin();
  const LeaderHour* newest = nullptr;
  for (size_t i = 0; i < weeks.size(); ++i) {
    const LeaderHour* of_week = nullptr;
    for (; next != person.hours.end() && next->week.from <= weeks[i].from; ++next) {
      newest = next->hour;
      if (next->week.from == weeks[i].from && !of_week) of_week = newest;
    }
    LeaderWeek state = LeaderWeek::kOpen;
    const auto word = person.words.find(weeks[i].first_day);
    if (!newest) {
      state = LeaderWeek::kBefore;
    } else if ((person.ms[i] > 0 && person.ms[i] * kPartHeard >= newest->plan.hour_ms) ||
               (of_week && leaders_.outcome(*of_week).complete)) {
      state = LeaderWeek::kHeard;
    } else if (word != person.words.end() && word->second.off) {
      state = LeaderWeek::kOff;
    } else if (weeks[i].to <= now) {
      state = LeaderWeek::kMissed;
    } else if (weeks[i].from > now) {
      state = LeaderWeek::kAhead;
    }
    row.heard += state == LeaderWeek::kHeard;
    row.missed += state == LeaderWeek::kMissed;
    row.weeks.push_back(state);
  }
  return row;
}

Cadence CadenceFold::make(std::span<const Week> weeks, WallTime now) const {
  Cadence cadence;
  cadence.weeks.assign(weeks.begin(), weeks.end());
  Persons all = persons();
  count_minutes(weeks, all, cadence);
  for (const auto& [id, person] : all) {
    if (weeks.empty() || person.hours.front().week.from > weeks.back().from) continue;
    cadence.leaders.push_back(row_of(id, person, weeks, now));
  }
  std::stable_sort(cadence.leaders.begin(), cadence.leaders.end(),
                   [](const LeaderCadence& a, const LeaderCadence& b) { return a.name < b.name; });
  return cadence;
}

}  // namespace earful
