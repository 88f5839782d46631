// How common is something, judged by a random sample of unequal weight? Pure; any thread.
//
// The estimate is the weighted share (Hajek). The interval is that of Clopper and Pearson (1934) at
// the effective sample size of Kish, after Korn and Graubard (1998), doi.org/10.2307/3702300: with
// equal weights it is the exact one, and with unequal ones it widens as much as the weights cost.
#pragma once

#include <span>

namespace earful {

struct Sampled {
  double weight = 1;  // over 0: one over the probability with which it was drawn
  bool has = false;   // what is counted
};

struct Proportion {
  double estimate = 0;
  double low = 0, high = 1;   // nothing sampled: nothing is known
  double effective_size = 0;  // of a sample of equal weights that would say as much
};

// `confidence` over 0 and under 1, such as 0.95.
Proportion estimate_proportion(std::span<const Sampled> sample, double confidence);

}  // namespace earful
