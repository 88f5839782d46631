// A listening hour as a page needs it: the plan, what became of each call, and what was tagged.
// JSON as docs/api.md says. HTTP thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/http/api_context.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "proto/hour_fold.h"

namespace earful::agent {

struct HourStory {
  PlannedHour hour;
  HourOutcome outcome;
  std::string words;
  std::map<CallId, recorder::Call> here;  // those the library has
  std::map<CallId, Position> resume;      // where each was left; nothing: at the beginning
};

Result<HourStory> read_story(ApiContext& context, const PlannedHour& hour);

std::string hour_json(ApiContext& context, const HourStory& story);
// One of a list of hours.
std::string hour_line_json(ApiContext& context, const HourStory& story);
Result<std::string> note_json(ApiContext& context, const HourStory& story);

}  // namespace earful::agent
