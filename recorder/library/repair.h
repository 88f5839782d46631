// Finishes calls that a crash, a power cut or a full disk cut off: every live call of the library
// whose file no living process holds. What is whole is kept, the torn tail goes, what is missing in
// between is silence with a note; peaks and measures are made again from the audio. The call says
// that it was cut, and until when it is there. A call of which not one page is whole is forgotten.
//
// Any process, also beside others that record; run where recording starts. May be cut off itself at
// any point: the next one does it again. Reads each file twice; an hour takes seconds.
// Errors: those of the library. A call that cannot be repaired is logged, stays live and is tried
// again next time.
#pragma once

#include <vector>

#include "base/result.h"
#include "recorder/library/library.h"

namespace earful::recorder {

struct Repairs {
  std::vector<CallId> kept;
  std::vector<CallId> forgotten;
  int failed = 0;
};

Result<Repairs> repair_live_calls(Library& library);

}  // namespace earful::recorder
