// Who has heard what of a call: the stretches of all Listened events of a listener, joined, and
// whether others' tags were opened before the call was heard. Adding the same stretch again, or in
// another order, changes nothing, so no place in the feed is kept. Part of State: its database, its
// thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/event.h"
#include "proto/stretches.h"

namespace earful::agent {

struct HeardView {
  ListenerId listener;
  std::string listener_name;
  std::vector<Interval> stretches;  // sorted, apart from each other
  bool opened_early = false;
};

// A listener who leaps more often within one call is not listening; what comes after is not kept.
inline constexpr size_t kMaxHeardStretches = 4096;

// Stretches as the tables of the state keep them.
std::string packed_stretches(std::span<const Interval> stretches);
std::vector<Interval> unpacked_stretches(std::string_view bytes);

class HeardTable {
 public:
  explicit HeardTable(Database& db) : db_(db) {}

  static const char* schema();
  static const char* drop();

  Result<void> add(const CallId& call, const ListenerId& listener, const Listened& listened);
  Result<std::vector<HeardView>> of_call(const CallId& call);  // by name
  Result<std::map<CallId, HeardView>> by(const ListenerId& listener, std::span<const CallId> calls);

 private:
  Database& db_;
};

}  // namespace earful::agent
