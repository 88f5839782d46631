// What a failure of the store means: whether the collector may go on, and what a person should do.
// Any thread.
#pragma once

#include "base/result.h"

namespace earful::collector {

// True: what was written last cannot be trusted any more, so that going on would promise what
// cannot be kept. False: the same may be tried again.
bool is_beyond_use(const Error& error);

// The same error, with what to do now as its last clause.
Error with_advice(Error error);

}  // namespace earful::collector
