// The plan of a listener's week: its frame from this station's library, the draw, and the event
// that says both. docs/sampling.md says the rules. Any thread, with a State and a Library of its
// own.
#pragma once

#include <filesystem>
#include <string>

#include "agent/hour/draw.h"
#include "agent/hour/frame.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "base/week.h"
#include "proto/event.h"
#include "recorder/library/library.h"

namespace earful::agent {

// The calls of the last whole week before `now`; where those that can be drawn and were not heard
// yet do not fill the hour, of the last 4, of the last 52, and at last all there are. Calls the
// listener has heard, or whose tags they opened early, count as heard.
Result<Frame> listener_frame(recorder::Library& library, State& state, const ListenerId& listener,
                             const SiteCalendar& calendar, const HourRules& rules, WallTime now);

// What is drawn from a frame for a week, as an event says it. `text` is frame_text(frame).
HourPlanned plan_hour(const Frame& frame, const std::string& text, const Seed& seed,
                      const Week& week);

// DIR/SHA256.jsonl, durable. E_DISK.
std::filesystem::path frame_path(const std::filesystem::path& dir, const std::string& sha256);
Result<void> keep_frame(const std::filesystem::path& dir, const std::string& text);

}  // namespace earful::agent
