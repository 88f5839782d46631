// What must be done about a store beside writing it, on its own thread so that no ack waits for it:
//
//   - writing the log back into the file (SQLite's checkpoint: 35-45 ms at full rate);
//   - the witness: how far the store ever was, kept beside it. A store that ends before its witness
//   is
//     an older copy put back by hand, and starts a new epoch (regression(), at start);
//   - safe_seq: up to where the backups that are still there hold each journal.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "base/result.h"
#include "base/socket.h"
#include "base/sqlite.h"
#include "collector/setup/data_folder.h"
#include "collector/store/store.h"
#include "collector/store/store_reader.h"

namespace earful::collector {

// A write-ahead log past this is worth writing back; below, a burst is left in peace.
inline constexpr int64_t kCheckpointBytes = kStoreLogBytes / 2;
// Under load without a pause the log is never wholly written back, and grows. Past this the writer
// itself does the rest, between two batches.
inline constexpr int64_t kMaxLogBytes = 64 << 20;
inline constexpr auto kHousekeeping = std::chrono::milliseconds(200);

// True: the store in this folder ends before where it once was.
bool store_regressed(const DataFolder& folder, const Store& store);

class Housekeeper {
 public:
  struct Tells {
    std::function<void()> checkpoint_rest;  // the writer: finish what was written back meanwhile
    std::function<void(std::map<JournalKey, uint64_t>)> safe_seqs;
  };
  // log_bytes: of the store that is written.
  static Result<Housekeeper> open(const DataFolder& folder, Tells tells,
                                  std::shared_ptr<const std::atomic<int64_t>> log_bytes);

  // The thread.
  void run(const std::atomic<bool>& stop, const Wake& wake);

 private:
  Housekeeper(DataFolder folder, Tells tells, std::shared_ptr<const std::atomic<int64_t>> log_bytes,
              Database db, StoreReader reader)
      : folder_(std::move(folder)),
        tells_(std::move(tells)),
        log_bytes_(std::move(log_bytes)),
        db_(std::move(db)),
        reader_(std::move(reader)) {}
  void checkpoint();
  bool write_back();
  void write_witness();
  void read_backups();

  DataFolder folder_;
  Tells tells_;
  std::shared_ptr<const std::atomic<int64_t>> log_bytes_;
  Database db_;
  StoreReader reader_;
  uint64_t witnessed_ = 0;
  uint64_t written_back_ = 0;  // the head at the last checkpoint
};

}  // namespace earful::collector
