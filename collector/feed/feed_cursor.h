// Where a reader of a feed stands, and what follows: without sockets or clocks. Any thread, one at
// a time.
//
// Records come live from the feed, in order, as long as none is lost; a hole, a Head that is ahead,
// or another epoch means behind(): then pages of the desk say what is next, until they reach the
// head. A position may be empty (a record moved): only the desk can tell.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "proto/feed.h"

namespace earful::collector {

class FeedCursor {
 public:
  // Both zero: from the first record of whatever store answers.
  FeedCursor(StoreId store, FeedPosition at) : store_(store), at_(at) {}

  const StoreId& store() const { return store_; }
  FeedPosition position() const { return at_; }
  // Ask the desk for what comes after position().
  bool behind() const { return behind_; }

  // One message of the feed: the record, if it is the next one.
  std::optional<Record> published(std::string_view topic, std::string_view body);
  // One page of the desk: the records that are new.
  std::vector<Record> answered(Page page);

 private:
  bool same_life(const StoreId& store, uint64_t epoch) const {
    return store == store_ && epoch == at_.store_epoch;
  }
  void note(const StoreId& store, FeedPosition head);

  StoreId store_;
  FeedPosition at_;
  bool behind_ = true;  // nobody said yet where the head is
};

}  // namespace earful::collector
