// The sampling frame of a listening hour: the calls of a period from which some are drawn, as text
// that anybody can read and whose SHA-256 stands in the plan. docs/sampling.md is the procedure.
// Pure; any thread.
//
//   {"frame":"earful-hour-1","since":"...","until":"...","hour_ms":3600000,"shortest_ms":20000,
//    "longest_ms":1800000,"strata":["queue","length"]}
//   {"id":"...","ms":251000,"queue":"billing","team":"north","language":"he","tier":"","heard":false}
//   ...
//
// One JSON object a line, UTF-8, each line ended by one line feed, calls in the order of their ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace earful::agent {

enum class Stratum { kQueue, kTeam, kLanguage, kTier, kLength };

std::string_view stratum_name(Stratum stratum);
std::optional<Stratum> parse_stratum(std::string_view name);

struct HourRules {
  int64_t hour_ms = 3'600'000;
  int64_t shortest_ms = 20'000;    // shorter calls are never drawn: somebody hung up
  int64_t longest_ms = 1'800'000;  // nor are longer ones: one would be half of the hour
  std::vector<Stratum> strata = {Stratum::kQueue, Stratum::kLength};
};

struct FrameCall {
  CallId id;
  int64_t duration_ms = 0;
  std::string queue, team, language, tier;
  bool heard = false;  // by the listener whose hour it is
};

struct Frame {
  WallTime since{}, until{};  // until is not in it
  HourRules rules;
  std::vector<FrameCall> calls;  // by id
};

std::string frame_text(const Frame& frame);

// E_FRAME, with the line, for what is not such a text.
Result<Frame> parse_frame(std::string_view text);

}  // namespace earful::agent
