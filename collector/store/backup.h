// Copies of a store in a folder of their own, and putting one back.
//
// A backup is DIR/store.db and DIR/manifest.json (store_id, store_epoch, head, sha256 of store.db,
// and have_seq of every journal). It never holds keys: without DATA/keys.db it opens no door. DATA
// keeps a list of its backups; up to where the oldest one still there holds a journal, the station
// may delete.
//
// Restoring starts a new store_epoch, so that readers know that what they saw after the backup is
// no longer there. Stations send again what the backup lacks.
//
// Errors: E_EXISTS the target is not empty (or a store is there and --force was not given),
// E_BACKUP_MANIFEST no readable manifest, E_BACKUP_TRUNCATED the store is not the one the manifest
// was made for, E_BACKUP_STORE it is another store's, E_BACKUP_KEYS it contains keys.
#pragma once

#include <filesystem>
#include <map>

#include "base/result.h"
#include "collector/setup/data_folder.h"
#include "collector/store/store.h"
#include "proto/feed.h"

namespace earful::collector {

struct BackupDone {
  FeedPosition head;
  uint64_t bytes = 0;
};

// Beside a running collector too.
Result<BackupDone> back_up(const DataFolder& folder, const std::filesystem::path& target);

// Only while nobody serves from the folder. `force` also replaces a store with another id.
Result<BackupDone> restore(const DataFolder& folder, const std::filesystem::path& source,
                           bool force);

std::map<JournalKey, uint64_t> safe_seqs_of_backups(const DataFolder& folder);

}  // namespace earful::collector
