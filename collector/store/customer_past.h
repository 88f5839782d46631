// What a customer's calls were tagged with: problems and open promises, for whoever hears this
// customer's next call. Folded from the records that the customer index names, as reports fold
// them (proto/tag_fold.h): retracted and erased tags and sample calls are left out, a merged kind
// counts as its root.
//
// A promise is a tag of the family "promise". It is open until a FollowUpClosed names it, or a
// follow-up that was opened for it.
//
// Belongs to one thread, the desk's. E_LATER: the store is still being read after an upgrade or a
// restore, or the index stands still. Otherwise errors are those of base/sqlite.h.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "collector/store/store_reader.h"
#include "proto/feed.h"
#include "proto/tag_fold.h"
#include "proto/tagbook_fold.h"

namespace earful::collector {

// What one answer may cost. A key that stands for more calls than this is no single customer's.
inline constexpr int kMaxPastCalls = 300;
inline constexpr size_t kMaxPastRead = 1000;  // tags and what was done to them

// An index that lacks what the store has had for so long may lack what matters.
inline constexpr auto kMaxIndexLag = std::chrono::seconds(5);

class CustomerPast {
 public:
  // CustomerIndex::open has made the index.
  static Result<CustomerPast> open(const std::filesystem::path& index,
                                   const std::filesystem::path& store);

  Result<Customer> of(const GetCustomer& wanted, WallTime now);

 private:
  struct Past;
  struct Budget;
  CustomerPast(Database db, StoreReader store) : db_(std::move(db)), store_(std::move(store)) {}
  Result<void> read_book();
  Result<bool> is_current(WallTime now);
  Result<std::vector<CallId>> calls_of(const std::string& customer, bool& more);
  Result<std::vector<Past>> tags_of(const CallId& call, Budget& budget);
  Result<Past> fold(const Event& tagged, Budget& budget);
  Result<std::vector<Event>> changes_of(const EventId& about, Budget& budget);
  std::optional<PastTag> show(const Past& past) const;

  Database db_;
  StoreReader store_;
  TagbookFold book_;
  int64_t book_read_ = 0;
};

}  // namespace earful::collector
