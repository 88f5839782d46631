// Cadences and estimates as a person reads them, and as JSON. Pure; any thread.
#pragma once

#include <string>

#include "base/site.h"
#include "proto/cadence.h"
#include "proto/estimate.h"

namespace earful::collector {

// A line for each leader with a block a week, the missed weeks by their dates, then the places.
std::string cadence_text(const Cadence& cadence, const Site& site);

struct EstimatePeriod {
  std::string since, until;  // first and last day
};
std::string estimate_json(const Estimates& estimates, const EstimateFold& fold,
                          const EstimatePeriod& period);
// A sentence for each problem.
std::string estimate_text(const Estimates& estimates, const EstimateFold& fold,
                          const EstimatePeriod& period);

// "1 in 8", "2 in 3": how often, for a person.
std::string share_text(double share);
// "3–9 May", "29 Mar–4 Apr".
std::string week_text(const Week& week);

}  // namespace earful::collector
