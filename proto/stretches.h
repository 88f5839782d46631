// Stretches of a call, as sets of places. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "proto/event.h"

namespace earful {

// Sorted, and apart from each other.
std::vector<Interval> joined(std::vector<Interval> stretches);

// Of stretches that are sorted and apart.
Position total(std::span<const Interval> stretches);

}  // namespace earful
