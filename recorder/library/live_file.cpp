#include "recorder/library/live_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "recorder/library/folder.h"
#include "recorder/library/pending_file.h"

namespace earful::recorder {
namespace {

Error failed(std::string_view doing, const std::filesystem::path& path, int fault) {
  const bool full = fault == ENOSPC || fault == EDQUOT;
  return {full ? "E_DISK_FULL" : "E_DISK",
          std::string(doing) + " " + path.string() + ": " + std::strerror(fault) +
              (full ? "; what was kept until now is safe, free some space to record again"
                    : "; look at the disk")};
}

}  // namespace

Result<std::unique_ptr<LiveFile>> LiveFile::create(const Library& library, const CallId& id,
                                                   SyncCall sync) {
  if (!sync) sync = [](int fd) { return fdatasync(fd); };
  std::unique_ptr<LiveFile> file(new LiveFile(id, std::move(sync)));
  file->audio_.path = library.live_path(id);
  file->notes_.path = library.notes_path(id);
  const auto folder = file->audio_.path.parent_path();
  EARFUL_TRY(make_call_folder(folder));
  EARFUL_TRY(file->open(file->audio_));
  // Only a repair could hold it, and it leaves alone what has no row yet.
  if (flock(file->audio_.fd, LOCK_EX | LOCK_NB) != 0) {
    return failed("locking", file->audio_.path, errno);
  }
  EARFUL_TRY(file->open(file->notes_));
  EARFUL_TRY(sync_folder(folder));
  file->thread_ = std::thread([raw = file.get()] { raw->run(); });
  return file;
}

Result<void> LiveFile::open(Appended& file) {
  file.fd = ::open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (file.fd < 0) return failed("making", file.path, errno);
  return {};
}

LiveFile::~LiveFile() {
  end_thread();
  for (const Appended* file : {&notes_, &audio_}) {
    if (file->fd >= 0) close(file->fd);
  }
}

Result<void> LiveFile::write(std::string_view pages) { return append(audio_, pages); }

Result<void> LiveFile::note(const CallNote& note) { return append(notes_, note_json(note) + "\n"); }

Result<void> LiveFile::append(Appended& file, std::string_view bytes) {
  if (const int fault = fault_) return failed("syncing", file.path, fault);
  const int64_t before = file.written;
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t wrote = ::write(file.fd, bytes.data() + at, bytes.size() - at);
    if (wrote >= 0) {
      at += size_t(wrote);
    } else if (errno != EINTR) {
      const int fault = errno;
      // Half a page helps nobody. Where even this fails, a repair cuts it off.
      [[maybe_unused]] const int cut = ftruncate(file.fd, before);
      return failed("writing", file.path, fault);
    }
  }
  file.written = before + int64_t(bytes.size());
  return {};
}

void LiveFile::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kSyncEvery, [&] { return ending_; })) {
    lock.unlock();
    const bool synced = sync(audio_) && sync(notes_);
    lock.lock();
    if (!synced) return;
  }
}

bool LiveFile::sync(Appended& file) {
  const int64_t written = file.written;
  if (written == file.synced) return true;
  if (sync_(file.fd) != 0) {
    fault_ = errno;
    return false;
  }
  file.synced = written;
  return true;
}

void LiveFile::end_thread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> LiveFile::keep(Library& library, const Call& call, const Peaks& peaks) {
  end_thread();
  const bool synced = fault_ == 0 && sync(audio_) && sync(notes_);
  if (!synced) return failed("syncing", audio_.path, fault_);
  EARFUL_ASSIGN(PendingFile waveform, PendingFile::create(library.peaks_path(id_)));
  EARFUL_TRY(waveform.write(encode_peaks(peaks)));
  EARFUL_TRY(waveform.commit());
  const auto kept = library.audio_path(id_);
  // It may have been renamed the time before.
  if (std::error_code ignored; rename(audio_.path.c_str(), kept.c_str()) != 0 &&
                               !(errno == ENOENT && std::filesystem::exists(kept, ignored))) {
    return failed("renaming", audio_.path, errno);
  }
  EARFUL_TRY(sync_folder(kept.parent_path()));
  EARFUL_TRY(library.finish_live(call));
  unlink(notes_.path.c_str());  // the row has them now; one that is left harms nobody
  return {};
}

Result<void> LiveFile::drop(Library& library) {
  end_thread();
  EARFUL_TRY(library.forget_live(id_));
  unlink(audio_.path.c_str());
  unlink(notes_.path.c_str());
  return {};
}

}  // namespace earful::recorder
