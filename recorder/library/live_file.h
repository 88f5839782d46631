// The audio of a call while the call goes on: whole Ogg pages appended to <id>.opus.live, notes to
// <id>.notes, a line each. A thread of its own syncs both every kSyncEvery, so that who writes
// never waits for the disk; a power cut loses what came after the last sync. At the end keep()
// makes a call of the library of it. Let go before that, or killed, it leaves both files to
// repair_live_calls() (repair.h). While this object lives, the file is locked against that.
//
// write(), note(), keep() and drop() belong to one thread. A failed sync is final: what the kernel
// still holds was never promised to reach the disk, so every later call is refused.
// Errors: E_DISK_FULL, E_DISK, those of PendingFile and Library.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/ids.h"
#include "base/result.h"
#include "recorder/codec/peaks.h"
#include "recorder/library/call_notes.h"
#include "recorder/library/library.h"

namespace earful::recorder {

// With a page of 200 ms, a cut loses 0.7 s at most.
inline constexpr std::chrono::milliseconds kSyncEvery{400};

class LiveFile {
 public:
  // fdatasync, or what a test puts in its place: 0, or -1 and errno.
  using SyncCall = std::function<int(int fd)>;

  // Makes both files. Then comes Library::begin_live(), so that no row ever stands without a file.
  static Result<std::unique_ptr<LiveFile>> create(const Library& library, const CallId& id,
                                                  SyncCall sync = {});
  ~LiveFile();
  LiveFile(const LiveFile&) = delete;
  LiveFile& operator=(const LiveFile&) = delete;

  // Whole pages, as OggWriter gives them: all of it is appended or nothing.
  Result<void> write(std::string_view pages);
  Result<void> note(const CallNote& note);

  // The stream has ended and the row is as it shall stay: syncs, writes the peaks, renames to
  // .opus, finishes the row. When it fails, what is left is for a repair,
  // or for another try with more room on the disk.
  Result<void> keep(Library& library, const Call& call, const Peaks& peaks);
  // There was nothing worth keeping: removes both files and the row. Once.
  Result<void> drop(Library& library);

  const std::filesystem::path& path() const { return audio_.path; }
  // Any thread: so many bytes of audio outlive a power cut.
  int64_t synced_bytes() const { return audio_.synced; }

 private:
  struct Appended {
    std::filesystem::path path;
    int fd = -1;
    std::atomic<int64_t> written{0};  // set by the writer
    std::atomic<int64_t> synced{0};   // set by the sync thread, and by keep() once that has ended
  };

  LiveFile(const CallId& id, SyncCall sync) : id_(id), sync_(std::move(sync)) {}
  Result<void> open(Appended& file);
  Result<void> append(Appended& file, std::string_view bytes);
  void run();
  bool sync(Appended& file);
  void end_thread();

  const CallId id_;
  const SyncCall sync_;
  Appended audio_;
  Appended notes_;
  std::atomic<int> fault_{0};  // errno of a failed sync
  // Not a queue: all that crosses is that it is over.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace earful::recorder
