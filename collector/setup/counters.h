// What the collector counts, for /metrics. Written by the thread named beside each group, read by
// any; a number may be a moment old, never torn.
#pragma once

#include <atomic>
#include <cstdint>

namespace earful::collector {

using Counter = std::atomic<uint64_t>;

struct Counters {
  // intake
  Counter writer_turns{0};  // a sign of life, not shown: each time the writing thread was awake
  Counter events_stored{0};
  Counter events_repeated{0};  // under the same id and content: nothing written twice
  Counter events_quarantined{0};
  Counter gaps{0};
  Counter forks{0};
  Counter superseded{0};
  Counter alarms{0};              // each of them is also one error line in the log
  Counter messages_ignored{0};    // another attempt or session, impossible numbers
  Counter messages_malformed{0};  // wrong parts, not a message
  Counter hellos_limited{0};
  Counter strangers{0};  // messages of keys that may not, or no longer, speak here
  Counter commits{0};
  Counter commits_failed{0};
  Counter holding{0};  // 1 while the disk refuses and nothing is acknowledged
  // zap
  Counter handshakes_refused{0};
  // feed
  Counter records_published{0};
  Counter subscriptions{0};  // now
  Counter subscriptions_refused{0};
  // customers
  Counter customers_unread{0};  // 1 while the index stands still
  // desk
  Counter desk_requests{0};
  Counter desk_refused{0};
};

}  // namespace earful::collector
