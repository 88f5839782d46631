// Is this the same act, told twice? Everything a person decided is equal; time and snapshot may
// differ, and of one that was erased nobody knows the note. Pure; any thread.
#pragma once

#include "proto/event.h"

namespace earful::agent {

bool same_act(const Event& before, const Event& again);

}  // namespace earful::agent
