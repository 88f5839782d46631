// The bytes of a store: one SQLite file (DATA/store.db), WAL, synchronous FULL. Format 1.
//
//   meta      format, store_id (16 bytes), store_epoch (random 32 bits, new for every restore)
//   journals  one row per journal the store has ever had a row of: how far it is (have_seq) and the
//             chain there. number is what the other tables call it.
//   events    one row per record. feed_seq 1, 2, 3, ... in the order of commit; a record that was
//   read
//             again after an upgrade moves to a new feed_seq and leaves a hole. reason is NULL, or
//             why the record is in quarantine; then event_id is NULL where none could be read. raw
//             is the event as sent, its erased form after an Erased; digest is generichash of what
//             was sent, only where raw no longer is.
//   repeats   rows of a journal whose event the store has from another row (appended again after a
//             fork): with the digest of what was sent, so that every chain can be recomputed.
//   gaps      stretches of a journal that can no longer come, and the chain its next row is built
//   on.
//             The JournalGap event made of it stands in events at to_seq.
//   pending_erasures  events named by an Erased before they came.
//
// A journal's rows are therefore: events + repeats + gaps, without hole, up to have_seq. (Not so in
// a mirror, which has neither repeats nor chains: its journals hold have_chain NULL.)
//
// One event id is in the store at most once: a unique index over rows out of quarantine. Ids are
// UUIDv7, so that index appends.
#pragma once

#include <filesystem>

#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace earful::collector {

inline constexpr int64_t kStoreFormat = 1;

struct StoreMeta {
  StoreId store_id;
  uint64_t epoch = 0;
};

// A new epoch: random 32 bits, never 0 and never `old`.
uint64_t make_epoch(uint64_t old);

// Makes the tables and the meta rows where there are none.
Result<StoreMeta> make_or_check_schema(Database& db);
// E_VERSION for a store of a newer format, E_NO_STORE for a file that is none.
Result<StoreMeta> check_schema(Database& db);

}  // namespace earful::collector
