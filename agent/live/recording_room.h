// The room that recording has on the station's disk (recorder/library/disk_reserve.h), and the one
// alarm when it has none: however many calls end for the same full disk, a person is told once.
// Any thread. Errors: E_DISK_FULL, E_DISK.
#pragma once

#include <atomic>
#include <filesystem>

#include "agent/journal/scribe.h"
#include "base/result.h"
#include "recorder/library/disk_reserve.h"

namespace earful::agent {

class RecordingRoom {
 public:
  RecordingRoom(const std::filesystem::path& data_dir, NoticeSink notify);

  // E_DISK_FULL where calls must end and none may start.
  Result<void> look();
  // What was held back is free for a write that must not fail. False: there is nothing left.
  bool give_up();
  // A call ended for want of room.
  void tell(const Error& error);

 private:
  recorder::DiskReserve reserve_;
  const NoticeSink notify_;
  std::atomic<bool> told_{false};  // since there last was room
};

}  // namespace earful::agent
