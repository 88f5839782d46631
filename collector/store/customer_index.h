// Which calls are a customer's, and which records of the store tell of them: DATA/customers.db, a
// cache made from the store by a thread of its own, so that no ack waits for it. Delete it and it
// is made again. Where personal data is erased from the store, it goes from here too.
//
//   meta         store_id, position (how far the store was read), whole (1 once all of it was)
//   calls        a call's customer: that of the newest of its events that names one
//   call_events  the events that may name it, by call; is_tag 1 for a Tagged
//   changes      what was done to a tag, or to a follow-up, by the record that says so
//   book         the records that make the tag book
//
// Records stand here by feed_seq; their bytes are in the store, and are folded when somebody asks
// (customer_past.h). Errors: those of base/sqlite.h and of StoreReader.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "base/socket.h"
#include "base/sqlite.h"
#include "collector/setup/counters.h"
#include "collector/store/store_reader.h"
#include "proto/event.h"

namespace earful::collector {

// Not at each commit: under load the same pages are then written once for many records.
inline constexpr auto kIndexEvery = std::chrono::milliseconds(100);

class CustomerIndex {
 public:
  // An index of another store or epoch, or of a later state of the store, is begun anew, and so is
  // one that cannot be read.
  static Result<CustomerIndex> open(const std::filesystem::path& path,
                                    const std::filesystem::path& store);

  // Reads what the store has beyond the index, or until `stop`.
  Result<void> catch_up(const std::atomic<bool>& stop);

 private:
  CustomerIndex(Database db, StoreReader store) : db_(std::move(db)), store_(std::move(store)) {}
  static Result<CustomerIndex> open_as_it_is(const std::filesystem::path& path,
                                             const std::filesystem::path& store);
  Result<void> prepare();
  Result<bool> read_pages(const std::atomic<bool>& stop);
  Result<void> add(const Record& record);
  Result<void> add_call_event(const Event& event, uint64_t feed_seq);
  Result<void> add_change(const EventId& about, uint64_t feed_seq);
  Result<void> find_customers_again(const Erased& erased);
  Result<void> find_customer_again(const CallId& call);
  Result<void> save_cursor(bool whole);

  Database db_;
  StoreReader store_;
  FeedPosition cursor_;
  bool whole_ = false;
};

// The thread. What the disk refuses is tried again, and holds up nobody else.
void run_customer_index(const std::filesystem::path& path, const std::filesystem::path& store,
                        const std::atomic<bool>& stop, const Wake& wake, Counters& counters);

}  // namespace earful::collector
