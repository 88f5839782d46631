// Room on the disk that recording may never use. A call needs 200 bytes for every 20 ms and does
// not stop asking; a tag needs one commit. So recording stops while there still is room, and a file
// of kReserveBytes is held back and given up when even that is gone: tags, and the end of the call
// that was stopped, then still reach the disk. When space returns the file is made again.
//
// Somebody calls look() about once a second, and whoever starts a call before that; any thread, and
// several processes of one data folder. Nothing is kept in memory: after a restart the file itself
// tells. Errors: E_DISK; E_DISK_FULL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace earful::recorder {

struct DiskLimits {
  // Room for hours of tags, or to finish a hundred calls.
  int64_t reserve_bytes = 8 << 20;
  // Recording stops below. An hour of a call takes 14 MB at most settings in use.
  int64_t record_bytes = 64 << 20;
  // Imports stop below: what comes from a folder can wait, a call that goes on cannot. What workers
  // write between two looks fits in between.
  int64_t import_bytes = 96 << 20;
  // The reserve is given up below: what a commit, its log and a checkpoint need.
  int64_t commit_bytes = 4 << 20;
};

// These, or less on a disk so small that they would be much of it: a sixth of it for imports, an
// eighth for recording, a sixteenth in reserve.
DiskLimits limits_of_disk(int64_t disk_bytes);

class DiskReserve {
 public:
  explicit DiskReserve(std::filesystem::path data_dir);  // limits by the size of its disk
  DiskReserve(std::filesystem::path data_dir, DiskLimits limits);

  enum class Room {
    kEnough,  // for recording
    kLow,     // for tags only: recording stops
  };
  // Gives the reserve up or makes it again as the free space wants it. What is free counts without
  // the reserve.
  Result<Room> look();
  // The same in words: E_DISK_FULL where recording must stop, or may not start.
  Result<void> require_room();
  // As much for imports, which leave the reserve alone: any process, also where no station runs.
  Result<void> require_room_to_import() const;

  // For a write that failed for want of space: it may be tried again. False: nothing was held back.
  bool give_up();
  bool held() const;

 private:
  Result<int64_t> free_bytes() const;
  Error too_little(const std::string& doing, int64_t free, int64_t want,
                   const std::string& then) const;
  Result<void> make();

  std::filesystem::path folder_;
  std::filesystem::path file_;
  DiskLimits limits_;
};

}  // namespace earful::recorder
