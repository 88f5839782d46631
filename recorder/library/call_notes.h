// What a call says about its own audio: where something is missing, was paused, or ended too early.
// Notes stand in a call's row and, while it goes on, as one JSON line each in a file beside it
// (recorder/library/live_file.h). No state; any thread.
//
//   {"kind":"gap","leg":1,"start_ms":1200,"end_ms":1320.5,"cause":"overflow","own_fault":true,
//    "lost_samples":964}
//
// leg is null for both; times are exact (a position is a whole number of 1/48 ms). In that file
// "end_ms":null is what has only begun: the same note follows with its end, unless the call is cut.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/position.h"

namespace earful::recorder {

struct CallNote {
  enum class Kind { kGap, kPause, kCut };
  static constexpr Position kGoesOn = std::numeric_limits<Position>::max();

  Kind kind = Kind::kGap;
  int leg = -1;                 // 0 agent, 1 customer, -1 both
  Position start = 0, end = 0;  // silence stands here; equal for a cut; kGoesOn: has no end yet
  // "overflow", "device_lost", "stalled", "suspended", "disk_full", "pause", "cut"
  std::string cause;
  bool own_fault = false;
  int64_t lost_samples = -1;  // per channel at the device's rate; -1: not known

  bool operator==(const CallNote&) const = default;
};

// One line, without its end.
std::string note_json(const CallNote& note);
std::optional<CallNote> parse_note(std::string_view json);

std::string notes_json(std::span<const CallNote> notes);  // an array
// Of an array; what is no note is left out.
std::vector<CallNote> parse_notes(std::string_view json);
// Of lines; a torn or damaged line is left out.
std::vector<CallNote> parse_note_lines(std::string_view lines);

}  // namespace earful::recorder
