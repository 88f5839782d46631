// Is this the same act, told twice? Everything a person decided is equal; time and snapshot may
// differ. Pure; any thread.
#pragma once

#include "proto/event.h"

namespace earful::agent {

bool same_act(const Event& a, const Event& b);

}  // namespace earful::agent
