#include "base/proportion.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>

namespace earful {
namespace {

double beta_quantile(double a, double b, double p) {
  return boost::math::quantile(boost::math::beta_distribution<double>(a, b), p);
}

}  // namespace

Proportion estimate_proportion(std::span<const Sampled> sample, double confidence) {
  double largest = 0;
  for (const Sampled& one : sample) largest = std::max(largest, one.weight);
  double all = 0, squares = 0, with = 0;
  bool any = false, every = true;
  for (const Sampled& one : sample) {
    const double weight = one.weight / largest;  // so that no square leaves the range of numbers
    all += weight;
    squares += weight * weight;
    if (one.has) with += weight;
    any |= one.has;
    every &= one.has;
  }
  Proportion out;
  if (sample.empty()) return out;
  const double n = all * all / squares;
  // Told apart by what was counted: sums of weights round, and may round to all or nothing.
  const double least = n * 1e-12;
  const double x = !any ? 0 : every ? n : std::clamp(n * with / all, least, n - least);
  const double tail = (1 - confidence) / 2;
  out.estimate = x / n;
  out.effective_size = n;
  out.low = any ? beta_quantile(x, n - x + 1, tail) : 0;
  out.high = every ? 1 : beta_quantile(x + 1, n - x, 1 - tail);
  return out;
}

}  // namespace earful
