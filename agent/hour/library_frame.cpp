#include "agent/hour/library_frame.h"

#include <algorithm>

namespace earful::agent {

Result<Frame> library_frame(recorder::Library& library, WallTime since, WallTime until,
                            const HourRules& rules) {
  Frame frame{since, until, rules, {}};
  recorder::CallQuery query;
  query.since = since;
  query.until = until;
  query.sample = false;
  query.limit = 500;
  do {
    EARFUL_ASSIGN(recorder::CallPage page, library.list(query));
    for (const recorder::Call& call : page.calls) {
      if (call.live) continue;
      frame.calls.push_back({call.id, call.duration / kPositionsPerMs, call.snapshot.queue,
                             call.snapshot.team, call.snapshot.language,
                             call.snapshot.customer_tier, false});
    }
    query.after = page.next;
  } while (!query.after.empty());
  std::sort(frame.calls.begin(), frame.calls.end(),
            [](const FrameCall& a, const FrameCall& b) { return a.id < b.id; });
  // A call that arrived between two pages may stand on both.
  frame.calls.erase(
      std::unique(frame.calls.begin(), frame.calls.end(),
                  [](const FrameCall& a, const FrameCall& b) { return a.id == b.id; }),
      frame.calls.end());
  return frame;
}

}  // namespace earful::agent
