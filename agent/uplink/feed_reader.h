// Reading a store's feed without losing or repeating anything, as a passive state machine: what
// came by subscription goes through when it is the next record; a hole, another epoch or a head
// further on is healed by asking the desk.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "proto/feed.h"

namespace earful::agent {

class FeedReader {
 public:
  struct Cursor {
    StoreId store;
    FeedPosition position;
  };
  struct Step {
    std::vector<Record> records;  // to be applied, in order
    bool starts_over = false;     // another store or epoch: before the records
  };

  explicit FeedReader(Cursor cursor) : cursor_(cursor) {}

  const Cursor& cursor() const { return cursor_; }

  // The two parts of a feed message.
  Step published(std::string_view topic, std::string_view body);
  // The answer of the desk; one that was not asked for is ignored.
  Step answered(std::string_view body);
  // A request for the desk, when one is due.
  std::optional<std::string> ask(SteadyTime now);

 private:
  bool same_feed(const StoreId& store, uint64_t epoch) const;

  Cursor cursor_;
  bool behind_ = true;  // at start nothing is known: ask once
  uint64_t request_id_ = 0;
  std::optional<SteadyTime> asked_;
};

}  // namespace earful::agent
