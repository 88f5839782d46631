#include "proto/stretches.h"

#include <algorithm>

namespace earful {

std::vector<Interval> joined(std::vector<Interval> stretches) {
  std::erase_if(stretches, [](const Interval& one) { return one.end <= one.start; });
  std::sort(stretches.begin(), stretches.end(),
            [](const Interval& a, const Interval& b) { return a.start < b.start; });
  std::vector<Interval> out;
  for (const Interval& one : stretches) {
    if (out.empty() || one.start > out.back().end) {
      out.push_back(one);
    } else {
      out.back().end = std::max(out.back().end, one.end);
    }
  }
  return out;
}

Position total(std::span<const Interval> stretches) {
  Position sum = 0;
  for (const Interval& one : stretches) sum += one.end - one.start;
  return sum;
}

}  // namespace earful
