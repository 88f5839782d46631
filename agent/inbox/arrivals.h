// Which recordings of a folder are whole. A file counts when it was closed after writing, renamed
// into place, or has not changed for a while; then its sidecar NAME.json is waited for, which may
// come a moment after it. A passive stage: no thread, no disk, time comes in with every call.
//
//   a.wav     ▁▂▃▄▅▆▇█ closed ......... sidecar patience ......... ready
//   a.json                   ▁▂ closed: ready now
//   b.wav     ▁▂▃▄▅▆▇ (the writer never says) ........... quiet ........... ready
//
// Paths ending in .json are sidecars, all others recordings; nothing else should be told.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace earful::agent {

// A file that looks the same is the same.
struct Stamp {
  int64_t bytes = 0;
  int64_t changed_ns = 0;  // when its content was last changed, as the disk says

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct Patience {
  std::chrono::milliseconds quiet{10000};   // unchanged for so long, a file is whole
  std::chrono::milliseconds sidecar{2000};  // a sidecar may come so long after its recording
};

bool is_sidecar(const std::string& path);
std::string sidecar_of(const std::string& recording);

class Arrivals {
 public:
  explicit Arrivals(Patience patience) : patience_(patience) {}

  // It is there and looks like this; age: since when, as far as its own times tell.
  void seen(const std::string& path, const Stamp& stamp, std::chrono::nanoseconds age,
            SteadyTime now);
  // It was closed after writing or renamed into place, and looks like this.
  void whole(const std::string& path, const Stamp& stamp, SteadyTime now);
  void gone(const std::string& path);
  void clear();

  // Recordings whose time has come: say how they and their sidecars look now, then ask take().
  std::vector<std::string> due(SteadyTime now);
  // True: it is ready and forgotten here. False: it is looked at again later.
  bool take(const std::string& recording, SteadyTime now);

  SteadyTime next() const;  // when due() has something; SteadyTime::max() for never
  size_t waiting() const { return recordings_; }

 private:
  struct Part {
    Stamp stamp;
    SteadyTime since;  // it has looked like this
    bool whole = false;
    SteadyTime check;
  };
  void note(const std::string& path, const Stamp& stamp, SteadyTime since, bool whole,
            SteadyTime now);
  void check_at(const std::string& path, Part& part, SteadyTime when);
  void wake_recordings_of(const std::string& sidecar, SteadyTime now);
  SteadyTime settled(const Part& part) const;

  const Patience patience_;
  std::map<std::string, Part> parts_;
  std::set<std::pair<SteadyTime, std::string>> checks_;
  size_t recordings_ = 0;
};

}  // namespace earful::agent
