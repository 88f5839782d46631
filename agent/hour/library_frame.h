// The frame of a listening hour from the calls of this machine's library. Any thread, with a
// Library of its own.
#pragma once

#include "agent/hour/frame.h"
#include "base/result.h"
#include "recorder/library/library.h"

namespace earful::agent {

// All calls that started from `since` on and before `until`, but bundled samples and calls that go
// on. A call of which nobody knows when it started is in no frame. None of them counts as heard.
Result<Frame> library_frame(recorder::Library& library, WallTime since, WallTime until,
                            const HourRules& rules);

}  // namespace earful::agent
