#include "agent/inbox/inbox_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"

namespace earful::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookForFolderEvery = 2s;
// A folder whose parent was renamed, or that was mounted over, says nothing by itself.
constexpr auto kCheckFolderEvery = 5s;
constexpr auto kScanBlindEvery = 60s;

struct Look {
  bool regular = false;
  bool gone = false;
  Stamp stamp;
  std::chrono::nanoseconds age{};  // negative where a clock is wrong
  std::string readable_by;
};

int64_t ns_of(const timespec& time) { return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec; }

Look look_at(const std::string& path) {
  Look look;
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    look.gone = true;
    return look;
  }
  look.regular = S_ISREG(info.st_mode);
  look.stamp = {info.st_size, ns_of(info.st_mtim)};
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  // A copy may keep the time of its content; when it came here is in the other one.
  look.age =
      std::chrono::nanoseconds(ns_of(now) - std::max(ns_of(info.st_mtim), ns_of(info.st_ctim)));
  look.readable_by = std::to_string(info.st_mode) + ":" + std::to_string(info.st_uid) + ":" +
                     std::to_string(info.st_gid);
  return look;
}

std::string text_of(const Stamp& stamp) {
  return std::to_string(stamp.bytes) + "@" + std::to_string(stamp.changed_ns);
}

std::string text_of(const InboxOptions& options) {
  const std::string manifest = options.manifest.string();
  std::string text = options.name_pattern + "\n" + manifest;
  if (!manifest.empty()) text += "\n" + text_of(look_at(manifest).stamp);
  return text;
}

}  // namespace

InboxFolder::InboxFolder(InboxOptions options, Patience patience, InboxMemory& memory)
    : options_(std::move(options)),
      memory_(memory),
      arrivals_({.quiet = patience.quiet, .sidecar = options_.sidecar_wait}) {}

void InboxFolder::step(SteadyTime now) {
  if (!watch_) {
    if (now >= look_at_) look_for_folder(now);
    if (!watch_) return;
  } else if (now >= look_at_) {
    check(now);
  }
  while (watch_) {
    const std::vector<FolderEvent> events = watch_->read();
    if (events.empty()) break;
    for (const FolderEvent& event : events) {
      if (watch_) hear(event, now);
    }
  }
  if (watch_ && (rescan_ || now >= rescan_at_)) scan(now);
}

void InboxFolder::look_for_folder(SteadyTime now) {
  auto watch = FolderWatch::open(options_.path);
  if (!watch.ok()) {
    lose(watch.error().message, now);
    return;
  }
  watch_ = std::move(*watch);
  missing_.clear();
  looked_ = true;
  settings_ = text_of(options_);
  rescan_ = true;
  look_at_ = now + kCheckFolderEvery;
  log_info("watch inbox", {{"path", name()}});
}

void InboxFolder::lose(const std::string& why, SteadyTime now) {
  // Said once, however often it is looked for.
  if (watch_ || !looked_) log_warn("miss inbox", {{"path", name()}, {"why", why}});
  looked_ = true;
  missing_ = why;
  watch_.reset();
  arrivals_.clear();
  later_.clear();
  rescan_at_ = SteadyTime::max();
  look_at_ = now + kLookForFolderEvery;
}

void InboxFolder::check(SteadyTime now) {
  if (!watch_->still_there()) {
    lose("watching " + name() + ": the folder is gone; it is taken up again when it is back", now);
    return;
  }
  look_at_ = now + kCheckFolderEvery;
  // With another manifest, what was refused may be taken.
  const std::string settings = text_of(options_);
  if (settings != settings_) rescan_ = true;
  settings_ = settings;
}

void InboxFolder::hear(const FolderEvent& event, SteadyTime now) {
  switch (event.kind) {
    case FolderEvent::Kind::kThere:
      return note(event.path, false, true, now);
    case FolderEvent::Kind::kWhole:
      return note(event.path, true, true, now);
    case FolderEvent::Kind::kFound:
      return note(event.path, false, false, now);
    case FolderEvent::Kind::kGone:
      arrivals_.gone(event.path);
      // A name that comes back is looked at again, whatever was said about it.
      if (const auto was = memory_.find(event.path); was.ok() && *was && (*was)->refused()) {
        forgotten_ += memory_.forget(event.path).ok() ? 1 : 0;
      }
      return;
    case FolderEvent::Kind::kRescan:
      rescan_ = true;
      return;
    case FolderEvent::Kind::kVanished:
      return lose(
          "watching " + name() + ": the folder is gone; it is taken up again when it is back", now);
  }
}

// A scan begins with a new watch: what the old one knew of moved folders is wrong by now.
void InboxFolder::scan(SteadyTime now) {
  if (scans_ > 0) {
    auto watch = FolderWatch::open(options_.path);
    if (!watch.ok()) return lose(watch.error().message, now);
    watch_ = std::move(*watch);
  }
  ++scans_;
  rescan_ = full_ = false;
  rescan_at_ = watch_->blind().empty() ? SteadyTime::max() : now + kScanBlindEvery;
  if (scans_ == 1 && !watch_->blind().empty()) {
    log_warn("scan inbox every minute", {{"path", name()}, {"why", watch_->blind()}});
  }
  watch_->scan([&](const std::string& path) {
    if (!is_sidecar(path)) note(path, false, false, now);
  });
  if (const auto tidy = memory_.forget_gone(name(), wall_now()); !tidy.ok()) {
    log_warn("failed inbox memory", {{"error", tidy.error().message}});
  }
}

// arrived: an event says so, so that it may still be written; otherwise its times tell.
void InboxFolder::note(const std::string& path, bool whole, bool arrived, SteadyTime now) {
  const Look look = look_at(path);
  if (!look.regular) {
    if (look.gone) arrivals_.gone(path);
    return;
  }
  const auto tell = [&] {
    if (whole) {
      arrivals_.whole(path, look.stamp, now);
    } else {
      arrivals_.seen(path, look.stamp, arrived ? 0ns : look.age, now);
    }
  };
  if (is_sidecar(path)) {
    tell();
    if (arrived) note_beside(path, now);
    return;
  }
  const auto held = held_.find(path);
  if (held != held_.end() && held->second == look.stamp) return;
  const Standing standing = standing_of(path, look.stamp);
  if (standing == Standing::kKnown) return;
  whole = whole || standing == Standing::kJudgedOtherwise;
  if (waiting() >= kMaxWaiting) {
    full_ = true;
    return;
  }
  tell();
}

// Recordings that were refused, perhaps for what stood in the sidecar or was missing in it.
void InboxFolder::note_beside(const std::string& sidecar, SteadyTime now) {
  const auto beside = memory_.refused_beside(sidecar);
  if (!beside.ok()) return;
  for (const std::string& recording : *beside) note(recording, false, false, now);
}

InboxFolder::Standing InboxFolder::standing_of(const std::string& path, const Stamp& stamp) {
  const auto found = memory_.find(path);
  if (!found.ok()) log_warn("failed inbox memory", {{"error", found.error().message}});
  if (!found.ok() || !*found || (*found)->recording != stamp) return Standing::kNew;
  const bool known = !(*found)->refused() || (*found)->judged_by == judged_by(path);
  return known ? Standing::kKnown : Standing::kJudgedOtherwise;
}

std::string InboxFolder::judged_by(const std::string& path) const {
  const Look sidecar = look_at(sidecar_of(path));
  return look_at(path).readable_by + "\n" + (sidecar.gone ? "" : text_of(sidecar.stamp)) + "\n" +
         settings_;
}

std::vector<ReadyFile> InboxFolder::ready(SteadyTime now) {
  std::vector<ReadyFile> files;
  if (!watch_) return files;
  for (auto at = later_.begin(); at != later_.end() && at->first <= now;) {
    const std::string path = at->second;
    at = later_.erase(at);
    note(path, false, false, now);
  }
  for (const std::string& path : arrivals_.due(now)) {
    const std::string sidecar = sidecar_of(path);
    const Look look = look_at(path);
    const Look beside = look_at(sidecar);
    if (!look.regular) {
      arrivals_.gone(path);
      continue;
    }
    arrivals_.seen(path, look.stamp, 0ns, now);
    if (beside.regular) {
      arrivals_.seen(sidecar, beside.stamp, beside.age, now);
    } else {
      arrivals_.gone(sidecar);
    }
    if (!arrivals_.take(path, now)) continue;
    if (!held_.emplace(path, look.stamp).second) {
      // Changed while it was being imported: it is another recording now.
      later_.emplace(now + kLookForFolderEvery, path);
      continue;
    }
    files.push_back({path, look.stamp, judged_by(path)});
  }
  if (full_ && waiting() < kMaxWaiting / 2) rescan_ = true;
  return files;
}

void InboxFolder::done(const std::string& path) { held_.erase(path); }

void InboxFolder::again(const ReadyFile& file, SteadyTime when) {
  held_.erase(file.path);
  later_.emplace(when, file.path);
}

SteadyTime InboxFolder::next() const {
  if (!watch_) return look_at_;
  SteadyTime when = std::min({look_at_, rescan_at_, arrivals_.next()});
  if (!later_.empty()) when = std::min(when, later_.begin()->first);
  return rescan_ ? SteadyTime::min() : when;
}

}  // namespace earful::agent
