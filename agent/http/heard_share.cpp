#include "agent/http/heard_share.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/state/heard.h"

namespace earful::agent {
namespace {

// Where anybody talks.
std::vector<Interval> talk_of(const std::string& measures) {
  std::vector<Interval> talk;
  const auto json = nlohmann::json::parse(measures, nullptr, false);
  if (!json.is_object()) return talk;
  for (const auto& leg : json.value("legs", nlohmann::json::array())) {
    for (const auto& stretch : leg.value("talk", nlohmann::json::array())) {
      talk.push_back({position_of_ms(stretch.at(0).get<double>()),
                      position_of_ms(stretch.at(1).get<double>())});
    }
  }
  return joined(std::move(talk));
}

// What both have; both are sorted and apart.
Position overlap(std::span<const Interval> a, std::span<const Interval> b) {
  Position sum = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    sum += std::max<Position>(0, std::min(a[i].end, b[j].end) - std::max(a[i].start, b[j].start));
    a[i].end < b[j].end ? ++i : ++j;
  }
  return sum;
}

}  // namespace

double heard_share(std::span<const Interval> stretches, const std::string& measures,
                   Position length, bool live) {
  if (stretches.empty() || length <= 0) return 0;
  if (!live && stretches.back().end >= length - kEndReached) return 1;
  std::vector<Interval> whole = live ? std::vector<Interval>() : talk_of(measures);
  if (whole.empty()) whole.push_back({0, length});
  return std::min(1.0, double(overlap(stretches, whole)) / double(total(whole)));
}

}  // namespace earful::agent
