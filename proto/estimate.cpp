#include "proto/estimate.h"

#include <algorithm>

#include "proto/past_kind.h"

namespace earful {

void EstimateFold::learn(const Event& event) {
  leaders_.learn(event);
  book_.add(event);
}

void EstimateFold::add(const Event& event) {
  leaders_.add(event);
  const auto tag = tag_of(event);
  if (tag && event.subject && leaders_.is_planned(*event.subject)) tags_[*tag].add(event);
}

// What went wrong for a customer: neither good nor promised, nor in the way of who works here.
bool EstimateFold::is_problem(const std::string& kind) const {
  if (past_kind(book_, kind) != PastKind::kProblem) return false;
  const TagKind* found = book_.find(kind);
  if (!found) return true;
  const std::string& family = found->family;
  return family != "obstacle" && family != "wow" && family != "idea";
}

std::string EstimateFold::label_of(const std::string& kind) const {
  const TagKind* found = book_.find(kind);
  return found ? earful::label_of(*found) : kind;
}

Estimates EstimateFold::make(const std::string& since, const std::string& until) const {
  std::map<std::pair<ListenerId, CallId>, std::set<std::string>> kinds;
  for (const auto& [id, tag] : tags_) {
    if (!tag.tagged || tag.retracted || !tag.call || !tag.listener) continue;
    if (tag.snapshot && tag.snapshot->sample) continue;
    const std::string& kind = book_.root(tag.kind);
    if (is_problem(kind)) kinds[{leaders_.root(*tag.listener), *tag.call}].insert(kind);
  }
  Estimates out;
  std::map<CallId, size_t> places;
  std::vector<RandomCall> sample;
  for (const LeaderHour* hour : leaders_.hours()) {
    if (hour->plan.week < since || hour->plan.week > until) continue;
    const HourOutcome outcome = leaders_.outcome(*hour);
    ++out.hours;
    out.drawn += outcome.drawn;
    out.skipped += outcome.skipped;
    for (const HourCallState& call : outcome.calls) {
      if (!call.random || !call.heard) continue;
      const auto [place, first] = places.emplace(call.planned.call, sample.size());
      if (first) sample.push_back({1 / call.planned.probability, {}});
      const auto given = kinds.find({leaders_.root(hour->listener), call.planned.call});
      if (given == kinds.end()) continue;
      sample[place->second].kinds.insert(given->second.begin(), given->second.end());
    }
  }
  out.calls = sample.size();
  out.problems = problem_shares(sample);
  return out;
}

}  // namespace earful
