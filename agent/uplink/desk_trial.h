// One harmless question to the collector's desk, as this station: does it still know our key? It
// disturbs no running station, whose conversation is with the intake. Blocking, for commands.
//
// E_KEY: somebody listens there and does not let us in.
#pragma once

#include "agent/uplink/identity.h"
#include "base/result.h"

namespace earful::agent {

// The identity has a collector.
Result<void> try_desk(const Identity& identity);

}  // namespace earful::agent
