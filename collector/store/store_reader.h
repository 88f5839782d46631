// Reads a store through its own read-only connection, also beside the program that writes it.
// Belongs to one thread. Errors: E_NO_STORE, E_VERSION (schema.h), and those of base/sqlite.h.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sqlite.h"
#include "collector/store/schema.h"
#include "proto/feed.h"

namespace earful::collector {

// A page stays well under the 1 MiB of a message, with room for the envelopes of 1,024 records.
inline constexpr size_t kMaxPageBytes = 512 * 1024;
// A filter that lets nothing through must not read the whole store for one answer.
inline constexpr uint32_t kMaxScannedPerPage = 16384;

class StoreReader {
 public:
  static Result<StoreReader> open(const std::filesystem::path& path);

  const StoreId& id() const { return meta_.store_id; }
  uint64_t epoch() const { return meta_.epoch; }

  // The last record committed.
  Result<FeedPosition> head();

  // The bytes of one usable event, by its place or its id; nothing where there is none.
  Result<std::optional<std::string>> event_at(uint64_t feed_seq);
  Result<std::optional<std::string>> event(const EventId& id);

  // Records after a position, in feed order: at most `limit` (and kMaxReplay) of them and
  // kMaxPageBytes, but at least one. A position of another epoch, or past the head, is one of
  // another life of this store: it starts at the first record. next is where to go on; next ==
  // head: that was all.
  Result<Page> read(FeedPosition after, uint32_t limit, const Filter& filter);

 private:
  Database db_;
  StoreMeta meta_;
  Statement head_, read_, event_at_;
};

}  // namespace earful::collector
