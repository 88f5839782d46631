#include "recorder/library/repair.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/log.h"
#include "recorder/codec/call_reader.h"
#include "recorder/codec/leg_encoder.h"
#include "recorder/codec/salvage.h"
#include "recorder/library/folder.h"
#include "recorder/library/pending_file.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;

// A machine records a handful of calls at once; more than this were never live together.
constexpr size_t kMaxLive = 1000;
// A day of notes, one a second.
constexpr size_t kMaxNotesBytes = 32 << 20;

class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags, mode_t mode = 0)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  bool there() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  ByteSource source() const {
    return [fd = fd_, at = off_t(0)](std::span<char> out) mutable {
      const ssize_t got = pread(fd, out.data(), out.size(), at);
      at += std::max<ssize_t>(got, 0);
      return size_t(std::max<ssize_t>(got, 0));
    };
  }

 private:
  int fd_;
};

Error failed(std::string_view doing, const fs::path& path) {
  return {"E_DISK", std::string(doing) + " " + path.string() + ": " + std::strerror(errno) +
                        "; it is tried again at the next start"};
}

CallNote cut_at(Position position) {
  return {CallNote::Kind::kCut, -1, position, position, "cut", false, -1};
}

std::string place(Position position) {
  const auto seconds = (long long)(position / kPositionsPerSecond);
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld", seconds / 60, seconds % 60);
  return text;
}

// As they were written, and as a repair before this one left them.
std::vector<CallNote> notes_in(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code none;
  const uintmax_t size = fs::exists(path, none) ? fs::file_size(path, none) : 0;
  std::string lines(size_t(std::min<uintmax_t>(size, kMaxNotesBytes)), '\0');
  file.read(lines.data(), std::streamsize(lines.size()));
  return parse_note_lines(std::string_view(lines).substr(0, size_t(file.gcount())));
}

// Before the audio changes: afterwards nothing else tells that it was cut.
Result<void> add_notes(const fs::path& path, const std::vector<CallNote>& notes) {
  if (notes.empty()) return {};
  std::string lines = "\n";  // after a torn line
  for (const CallNote& note : notes) lines += note_json(note) + "\n";
  const OpenFile file(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (!file.there()) return failed("opening", path);
  if (write(file.fd(), lines.data(), lines.size()) != ssize_t(lines.size())) {
    return failed("writing", path);
  }
  if (fsync(file.fd()) != 0) return failed("syncing", path);
  return {};
}

// Those of the audio there is, each once, in the order in which they happened.
std::vector<CallNote> settled(std::vector<CallNote> notes, Position duration) {
  const bool cut = std::any_of(notes.begin(), notes.end(), [](const CallNote& note) {
    return note.kind == CallNote::Kind::kCut;
  });
  // What had begun ends with the audio, unless its end came to be known.
  std::erase_if(notes, [&](const CallNote& begun) {
    return begun.end == CallNote::kGoesOn &&
           std::any_of(notes.begin(), notes.end(), [&](const CallNote& note) {
             return note.end != CallNote::kGoesOn && note.kind == begun.kind &&
                    note.leg == begun.leg && note.start == begun.start;
           });
  });
  // A note may have reached the disk before the audio it speaks of.
  std::erase_if(notes, [&](const CallNote& note) {
    return note.kind == CallNote::Kind::kCut || note.start >= duration;
  });
  for (CallNote& note : notes) note.end = std::min(note.end, duration);
  std::stable_sort(notes.begin(), notes.end(),
                   [](const CallNote& a, const CallNote& b) { return a.start < b.start; });
  notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
  if (cut) notes.push_back(cut_at(duration));
  return notes;
}

// What every leg lost or was paused for.
std::vector<Stretch> absent_in(const std::vector<CallNote>& notes) {
  std::vector<Stretch> absent;
  for (const CallNote& note : notes) {
    if (note.leg < 0 && note.start < note.end) absent.push_back({note.start, note.end});
  }
  return absent;
}

Result<OpusHead> head_expected(const Call& call) {
  EARFUL_ASSIGN(const LegEncoder encoder, LegEncoder::make(call.sample_rate_hz, {}));
  const int lag = encoder.lookahead() * int(kPositionsPerSecond / call.sample_rate_hz);
  return head_of_call(call.legs, lag, call.sample_rate_hz);
}

// Cuts the tail and marks the end. Torn in the middle, its last page is no page and goes next time.
Result<void> mend(const OpenFile& file, const fs::path& path, const Salvage& found) {
  if (!found.ended) {
    std::string page(size_t(found.last_end - found.last_begin), '\0');
    if (pread(file.fd(), page.data(), page.size(), found.last_begin) != ssize_t(page.size())) {
      return failed("reading", path);
    }
    page = as_last_page(page);
    if (pwrite(file.fd(), page.data(), page.size(), found.last_begin) != ssize_t(page.size())) {
      return failed("writing", path);
    }
  }
  if (ftruncate(file.fd(), found.last_end) != 0) return failed("cutting", path);
  if (fsync(file.fd()) != 0) return failed("syncing", path);
  return {};
}

class Repair {
 public:
  Repair(Library& library, Call call)
      : library_(library),
        call_(std::move(call)),
        live_(library.live_path(call_.id)),
        audio_(library.audio_path(call_.id)) {}

  // False: nothing of it was there.
  Result<bool> run() {
    const OpenFile file(live_, O_RDWR);
    if (file.there()) {
      EARFUL_TRY(own(file));
      if (busy_) return true;
      EARFUL_ASSIGN(const bool any, salvage(file));
      if (!any) return forget();
      EARFUL_TRY(finish());
      return true;
    }
    if (errno != ENOENT) return failed("opening", live_);
    // It has its name, and who gave it may be about to finish the row.
    const OpenFile named(audio_, O_RDONLY);
    if (!named.there() && errno != ENOENT) return failed("opening", audio_);
    if (!named.there()) return forget();
    EARFUL_TRY(own(named));
    if (!busy_) EARFUL_TRY(finish());
    return true;
  }
  bool busy() const { return busy_; }

 private:
  // Locks it for as long as it is open; busy, if somebody else has the call or has finished it
  // between the look at the row and the lock.
  Result<void> own(const OpenFile& file) {
    busy_ = flock(file.fd(), LOCK_EX | LOCK_NB) != 0;
    if (busy_) return {};
    EARFUL_ASSIGN(const std::optional<Call> still, library_.find(call_.id));
    busy_ = !still || !still->live;
    return {};
  }

  Result<bool> salvage(const OpenFile& file) {
    EARFUL_ASSIGN(const OpusHead expected, head_expected(call_));
    const Salvage found = look_for_pages(file.source(), expected);
    if (found.duration == 0) return false;
    std::vector<CallNote> notes;
    for (const Stretch& hole : found.holes) {
      const int64_t lost = (hole.end - hole.start) * expected.input_rate_hz / kPositionsPerSecond;
      notes.push_back({CallNote::Kind::kGap, -1, hole.start, hole.end, "cut", false, lost});
    }
    if (!found.ended) notes.push_back(cut_at(found.duration));
    EARFUL_TRY(add_notes(library_.notes_path(call_.id), notes));
    if (found.in_place) {
      EARFUL_TRY(mend(file, live_, found));
      if (rename(live_.c_str(), audio_.c_str()) != 0) return failed("renaming", live_);
      EARFUL_TRY(sync_folder(audio_.parent_path()));
      return true;
    }
    EARFUL_ASSIGN(PendingFile out, PendingFile::create(audio_));
    EARFUL_TRY(write_salvaged(file.source(), found.head.value_or(expected), found,
                              [&](std::string_view bytes) { return out.write(bytes); }));
    EARFUL_TRY(out.commit());
    return true;
  }

  Result<void> finish() {
    EARFUL_ASSIGN(CallContent content, read_call(audio_));
    call_.duration = content.duration;
    call_.legs = content.legs;
    call_.sample_rate_hz = content.sample_rate_hz;
    call_.notes = settled(notes_in(library_.notes_path(call_.id)), content.duration);
    call_.cut = !call_.notes.empty() && call_.notes.back().kind == CallNote::Kind::kCut;
    if (call_.cut) {
      if (!call_.warnings.empty()) call_.warnings += "; ";
      call_.warnings +=
          "cut off at " + place(content.duration) + ": the call was recorded no longer";
    }
    call_.measures = measures_json(content.meter->finish(absent_in(call_.notes)));
    EARFUL_ASSIGN(PendingFile peaks, PendingFile::create(library_.peaks_path(call_.id)));
    EARFUL_TRY(peaks.write(encode_peaks(content.peaks)));
    EARFUL_TRY(peaks.commit());
    unlink(live_.c_str());  // there still when it was not mended in place
    EARFUL_TRY(library_.finish_live(call_));
    unlink(library_.notes_path(call_.id).c_str());
    return {};
  }

  Result<bool> forget() {
    EARFUL_TRY(library_.forget_live(call_.id));
    unlink(live_.c_str());
    unlink(library_.notes_path(call_.id).c_str());
    return false;
  }

  Library& library_;
  Call call_;
  const fs::path live_, audio_;
  bool busy_ = false;
};

}  // namespace

Result<Repairs> repair_live_calls(Library& library) {
  Repairs done;
  EARFUL_ASSIGN(const std::vector<Call> calls, library.live_calls(kMaxLive));
  for (const Call& call : calls) {
    Repair repair(library, call);
    const auto kept = repair.run();
    if (!kept.ok()) {
      ++done.failed;
      log_error("failed repair", {{"call", call.id.text()}, {"error", kept.error().message}});
    } else if (repair.busy()) {
      continue;
    } else if (*kept) {
      done.kept.push_back(call.id);
      log_warn("repaired call", {{"call", call.id.text()}});
    } else {
      done.forgotten.push_back(call.id);
      log_warn("removed call without audio", {{"call", call.id.text()}});
    }
  }
  return done;
}

}  // namespace earful::recorder
