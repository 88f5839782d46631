// Is a store whole? Recomputes what it promises from the rows themselves. Belongs to one thread;
// reads one snapshot, beside a running collector too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/feed.h"

namespace earful::collector {

struct JournalReport {
  StationId station;
  JournalId journal;
  uint64_t have_seq = 0;
  uint64_t records = 0;
  uint64_t repeats = 0;
  bool chain_kept = true;  // false in a mirror
  bool whole = true;       // rows without hole up to have_seq, and their chain is the one kept
};
struct GapReport {
  StationId station;
  JournalId journal;
  uint64_t from_seq = 0;
  uint64_t to_seq = 0;
};
struct QuarantineReport {
  FeedPosition position;
  StationId station;
  uint64_t seq = 0;
  std::string reason;
};

// A listing that nobody reads to its end helps nobody; the counts are always complete.
inline constexpr size_t kMaxListed = 100;

struct Verification {
  StoreId store_id;
  FeedPosition head;
  uint64_t records = 0;
  std::vector<JournalReport> journals;
  std::vector<GapReport> gaps;
  uint64_t gap_count = 0;
  std::vector<QuarantineReport> quarantine;
  std::map<std::string, uint64_t> quarantine_counts;
  std::vector<std::string> damage;  // empty: the store is whole
};

Result<Verification> verify_store(const std::filesystem::path& path);

// A hash (hex) over the set of (station_id, journal_id, seq, raw, quarantine), whatever their feed
// order and whichever store holds them: equal for a store and its mirror.
Result<std::string> store_digest(const std::filesystem::path& path);

}  // namespace earful::collector
