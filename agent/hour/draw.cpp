#include "agent/hour/draw.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace earful::agent {
namespace {

class Tickets {
 public:
  Tickets(const Frame& frame, const Seed& seed) : frame_(frame), seed_(to_hex(seed)) {}

  // The calls in the order of their tickets for `purpose`.
  std::vector<size_t> sorted(std::string_view purpose, std::span<const size_t> calls) const {
    std::vector<std::pair<Digest, size_t>> tickets;
    tickets.reserve(calls.size());
    for (const size_t call : calls) tickets.emplace_back(ticket(purpose, call), call);
    std::sort(tickets.begin(), tickets.end());
    std::vector<size_t> out;
    out.reserve(tickets.size());
    for (const auto& [digest, call] : tickets) out.push_back(call);
    return out;
  }

  uint64_t number_below(uint64_t end) const {
    uint64_t number = 0;
    const Digest digest = sha256("start " + seed_);
    for (size_t i = 0; i < sizeof number; ++i) number = number << 8 | digest[i];
    return number % end;
  }

 private:
  static Digest sha256(std::string_view text) {
    Sha256 hash;
    hash.add(text);
    return hash.finish();
  }
  Digest ticket(std::string_view purpose, size_t call) const {
    return sha256(std::string(purpose) + ' ' + seed_ + ' ' + frame_.calls[call].id.text());
  }

  const Frame& frame_;
  std::string seed_;
};

int64_t total_ms(const Frame& frame, std::span<const size_t> calls) {
  int64_t total = 0;
  for (const size_t call : calls) total += frame.calls[call].duration_ms;
  return total;
}

// As many calls of their mean length as fill the time, to the nearest: a plan is one event, of
// bounded size, and nobody hears more.
size_t calls_to_fill(int64_t ms, const Frame& frame, std::span<const size_t> calls) {
  const int64_t total = total_ms(frame, calls);
  if (total <= 0 || ms <= 0) return 0;
  const auto fill = size_t((2 * ms * int64_t(calls.size()) + total) / (2 * total));
  return std::min({calls.size(), fill, kMostCallsDrawn});
}

// Sum of squared deviations over n - 1.
double variance_of_ms(const Frame& frame, std::span<const size_t> calls) {
  if (calls.size() < 2) return 0;
  const double mean = double(total_ms(frame, calls)) / double(calls.size());
  double squares = 0;
  for (const size_t call : calls) {
    const double off = double(frame.calls[call].duration_ms) - mean;
    squares += off * off;
  }
  return squares / double(calls.size() - 1);
}

// Of the total of a simple random sample.
double variance_of_total(const Frame& frame, std::span<const size_t> calls, size_t drawn) {
  const double share = calls.empty() ? 0 : double(drawn) / double(calls.size());
  return double(drawn) * (1 - share) * variance_of_ms(frame, calls);
}

// 1 to 3: the shortest third of the calls, the middle and the longest.
std::vector<int> length_classes(const Frame& frame, std::span<const size_t> calls) {
  std::vector<size_t> by_length(calls.begin(), calls.end());
  std::stable_sort(by_length.begin(), by_length.end(), [&](size_t a, size_t b) {
    return frame.calls[a].duration_ms < frame.calls[b].duration_ms;
  });
  std::vector<int> classes(frame.calls.size());
  for (size_t i = 0; i < by_length.size(); ++i) {
    classes[by_length[i]] = int(3 * i / by_length.size()) + 1;
  }
  return classes;
}

std::string value_of(const FrameCall& call, Stratum stratum, int length_class) {
  switch (stratum) {
    case Stratum::kQueue:
      return call.queue;
    case Stratum::kTeam:
      return call.team;
    case Stratum::kLanguage:
      return call.language;
    case Stratum::kTier:
      return call.tier;
    case Stratum::kLength:
      return std::to_string(length_class);
  }
  return "";
}

using Strata = std::map<std::vector<std::string>, std::vector<size_t>>;

Strata strata_of(const Frame& frame, std::span<const size_t> calls) {
  const std::vector<int> classes = length_classes(frame, calls);
  Strata strata;
  for (const size_t call : calls) {
    std::vector<std::string> values;
    for (const Stratum stratum : frame.rules.strata) {
      values.push_back(value_of(frame.calls[call], stratum, classes[call]));
    }
    strata[std::move(values)].push_back(call);
  }
  return strata;
}

// How many calls each stratum gives. One chance rounds the shares up or down: they add up to n, and
// each is n/N of its calls on average over all starts below N.
class Shares {
 public:
  Shares(const Frame& frame, const Strata& strata, uint64_t n, uint64_t all)
      : frame_(frame), strata_(strata), n_(n), all_(all) {}

  std::vector<size_t> at(uint64_t start) const {
    std::vector<size_t> shares;
    uint64_t before = 0;
    for (const auto& [values, members] : strata_) {
      const uint64_t after = before + members.size();
      shares.push_back((n_ * after + start) / all_ - (n_ * before + start) / all_);
      before = after;
    }
    return shares;
  }

  // Of the total length, over all starts and all draws within strata.
  double variance_of_total() const { return within() + between(); }

 private:
  double within() const {
    double variance = 0;
    for (const auto& [values, members] : strata_) {
      const size_t low = n_ * members.size() / all_;
      const double up = double(n_ * members.size() % all_) / double(all_);
      variance += (1 - up) * agent::variance_of_total(frame_, members, low);
      if (up > 0) variance += up * agent::variance_of_total(frame_, members, low + 1);
    }
    return variance;
  }

  // As the start grows, a bound between two strata hands one call from the second to the first,
  // once.
  double between() const {
    std::vector<std::pair<uint64_t, double>>
        steps;  // from this start on, the mean total is so much more
    uint64_t bound = 0;
    double mean_before = 0;
    for (const auto& [values, members] : strata_) {
      const double mean = double(total_ms(frame_, members)) / double(members.size());
      const uint64_t rest = n_ * bound % all_;
      if (rest > 0) steps.emplace_back(all_ - rest, mean_before - mean);
      bound += members.size();
      mean_before = mean;
    }
    std::sort(steps.begin(), steps.end());
    double sum = 0, squares = 0, total = 0;
    uint64_t from = 0;
    const auto until = [&](uint64_t to) {
      const double weight = double(to - from) / double(all_);
      sum += weight * total;
      squares += weight * total * total;
      from = to;
    };
    for (const auto& [start, more] : steps) {
      until(start);
      total += more;
    }
    until(all_);
    return std::max(0.0, squares - sum * sum);
  }

  const Frame& frame_;
  const Strata& strata_;
  uint64_t n_, all_;
};

// Draws `n` of the unheard calls. Returns the variance of the total length.
double draw_unheard(const Frame& frame, const Tickets& tickets, std::span<const size_t> unheard,
                    size_t n, HourDraw& out) {
  const Strata strata = strata_of(frame, unheard);
  const Shares shares(frame, strata, n, unheard.size());
  const std::vector<size_t> share = shares.at(tickets.number_below(unheard.size()));
  const double probability = double(n) / double(unheard.size());
  for (const auto& [values, members] : strata) {
    const size_t stratum = out.strata.size();
    const std::vector<size_t> order = tickets.sorted("stratum", members);
    for (size_t i = 0; i < share[stratum]; ++i) {
      out.calls.push_back({order[i], stratum, probability});
    }
    out.strata.push_back({values, members.size(), share[stratum]});
  }
  out.expected_ms += probability * double(total_ms(frame, unheard));
  return shares.variance_of_total();
}

double draw_heard(const Frame& frame, const Tickets& tickets, std::span<const size_t> heard,
                  size_t n, HourDraw& out) {
  const std::vector<size_t> order = tickets.sorted("heard", heard);
  for (size_t i = 0; i < n; ++i) {
    out.calls.push_back({order[i], 0, double(n) / double(heard.size())});
  }
  out.expected_ms += double(n) * double(total_ms(frame, heard)) / double(heard.size());
  return variance_of_total(frame, heard, n);
}

// Unheard calls first; within them, and within the heard ones, as their tickets say.
void put_in_order(const Frame& frame, const Tickets& tickets, HourDraw& draw) {
  std::vector<size_t> drawn;
  for (const DrawnCall& call : draw.calls) drawn.push_back(call.call);
  std::map<size_t, size_t> place;
  for (const size_t call : tickets.sorted("order", drawn)) place.emplace(call, place.size());
  std::sort(draw.calls.begin(), draw.calls.end(), [&](const DrawnCall& a, const DrawnCall& b) {
    const bool a_heard = frame.calls[a.call].heard, b_heard = frame.calls[b.call].heard;
    return a_heard != b_heard ? b_heard : place.at(a.call) < place.at(b.call);
  });
}

}  // namespace

HourDraw draw_hour(const Frame& frame, const Seed& seed) {
  HourDraw out;
  std::vector<size_t> unheard, heard;
  for (size_t i = 0; i < frame.calls.size(); ++i) {
    const FrameCall& call = frame.calls[i];
    if (call.duration_ms < frame.rules.shortest_ms) {
      ++out.too_short;
    } else if (call.duration_ms > frame.rules.longest_ms) {
      ++out.too_long;
    } else {
      (call.heard ? heard : unheard).push_back(i);
    }
  }
  out.unheard = unheard.size();
  out.heard = heard.size();
  const Tickets tickets(frame, seed);
  const int64_t hour = frame.rules.hour_ms;
  double variance = 0;
  if (!unheard.empty()) {
    const size_t n = std::max<size_t>(1, calls_to_fill(hour, frame, unheard));
    variance += draw_unheard(frame, tickets, unheard, n, out);
  }
  if (out.calls.size() == unheard.size() && !heard.empty()) {
    size_t n = calls_to_fill(hour - total_ms(frame, unheard), frame, heard);
    if (unheard.empty()) n = std::max<size_t>(1, n);
    variance += draw_heard(frame, tickets, heard, n, out);
  }
  out.deviation_ms = std::sqrt(variance);
  put_in_order(frame, tickets, out);
  return out;
}

}  // namespace earful::agent
