#include "agent/inbox/arrivals.h"

#include <algorithm>
#include <filesystem>

namespace earful::agent {
namespace {

constexpr std::string_view kSidecarEnding = ".json";

// "folder/a" of "folder/a.wav".
std::string stem_of(const std::string& path) {
  return std::filesystem::path(path).replace_extension().string();
}

}  // namespace

bool is_sidecar(const std::string& path) { return path.ends_with(kSidecarEnding); }

std::string sidecar_of(const std::string& recording) {
  return std::filesystem::path(recording).replace_extension(kSidecarEnding).string();
}

void Arrivals::seen(const std::string& path, const Stamp& stamp, std::chrono::nanoseconds age,
                    SteadyTime now) {
  // No file has to wait longer than this, however old it is.
  const std::chrono::nanoseconds longest = std::max(patience_.quiet, patience_.sidecar);
  const auto lasted = std::clamp(age, std::chrono::nanoseconds(0), longest);
  note(path, stamp, now - std::chrono::duration_cast<SteadyTime::duration>(lasted), false, now);
}

void Arrivals::whole(const std::string& path, const Stamp& stamp, SteadyTime now) {
  note(path, stamp, now, true, now);
}

void Arrivals::note(const std::string& path, const Stamp& stamp, SteadyTime since, bool whole,
                    SteadyTime now) {
  const auto [at, added] = parts_.try_emplace(path);
  Part& part = at->second;
  if (!added && part.stamp == stamp && part.whole >= whole) return;
  part.stamp = stamp;
  // One that was known already has changed since it was last looked at, whatever its times say.
  part.since = added ? since : now;
  part.whole = whole;
  if (is_sidecar(path)) {
    // Kept only until its own times tell that it is whole.
    check_at(path, part, now + patience_.quiet);
    wake_recordings_of(path, now);
    return;
  }
  if (added) ++recordings_;
  check_at(path, part, settled(part));
}

void Arrivals::gone(const std::string& path) {
  const auto at = parts_.find(path);
  if (at == parts_.end()) return;
  checks_.erase({at->second.check, path});
  if (!is_sidecar(path)) --recordings_;
  parts_.erase(at);
}

void Arrivals::clear() {
  parts_.clear();
  checks_.clear();
  recordings_ = 0;
}

std::vector<std::string> Arrivals::due(SteadyTime now) {
  std::vector<std::string> paths;
  while (!checks_.empty() && checks_.begin()->first <= now) {
    const std::string path = checks_.begin()->second;
    checks_.erase(checks_.begin());
    if (is_sidecar(path)) {
      parts_.erase(path);
    } else {
      paths.push_back(path);
    }
  }
  return paths;
}

bool Arrivals::take(const std::string& recording, SteadyTime now) {
  const auto at = parts_.find(recording);
  if (at == parts_.end()) return false;
  Part& part = at->second;
  const auto sidecar = parts_.find(sidecar_of(recording));
  SteadyTime ready = settled(part);
  if (sidecar == parts_.end()) {
    ready = std::max(ready, part.since + patience_.sidecar);
  } else {
    ready = std::max(ready, settled(sidecar->second));
  }
  if (ready > now) {
    check_at(recording, part, ready);
    return false;
  }
  gone(recording);
  return true;
}

SteadyTime Arrivals::next() const {
  return checks_.empty() ? SteadyTime::max() : checks_.begin()->first;
}

void Arrivals::check_at(const std::string& path, Part& part, SteadyTime when) {
  checks_.erase({part.check, path});
  part.check = when;
  checks_.insert({when, path});
}

void Arrivals::wake_recordings_of(const std::string& sidecar, SteadyTime now) {
  const std::string beginning = stem_of(sidecar) + ".";
  for (auto at = parts_.lower_bound(beginning);
       at != parts_.end() && at->first.starts_with(beginning); ++at) {
    if (at->first != sidecar && sidecar_of(at->first) == sidecar) {
      check_at(at->first, at->second, now);
    }
  }
}

SteadyTime Arrivals::settled(const Part& part) const {
  return part.whole ? part.since : part.since + patience_.quiet;
}

}  // namespace earful::agent
