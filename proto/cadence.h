// Which weeks each leader has listened in, and where nobody has. Belongs to one thread; fed as
// proto/leader_fold.h says, which also says what is kept.
//
// A week is heard when the minutes heard in it (every stretch of a call once, whatever was sought
// back to) are a third of the hour of their newest plan up to that week, or every drawn call of
// that week's hour is heard. Otherwise it is off where they said so, the last word winning; missed
// when it is over; open while it is not. Their weeks begin with their first hour.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/week.h"
#include "proto/leader_fold.h"

namespace earful {

enum class LeaderWeek { kBefore, kHeard, kMissed, kOff, kOpen, kAhead };
std::string_view leader_week_text(LeaderWeek week);  // "before", "heard", ...

struct LeaderCadence {
  ListenerId id;
  std::string name;
  std::vector<LeaderWeek> weeks;  // one for each asked for
  std::vector<int64_t> ms;        // heard in each
  size_t heard = 0, missed = 0;   // "49 of 52": heard of heard and missed
};

struct PlaceHeard {
  std::string queue, team;
  int64_t ms = 0;
};

struct Cadence {
  std::vector<Week> weeks;
  std::vector<LeaderCadence> leaders;  // by name; none whose first hour comes later
  std::vector<PlaceHeard> places;      // most first
  std::vector<PlaceHeard> unheard;     // calls were served there in these weeks
};

class CadenceFold {
 public:
  explicit CadenceFold(SiteCalendar calendar) : calendar_(std::move(calendar)) {}

  void learn(const Event& event);
  void add(const Event& event);

  LeaderFold& leaders() { return leaders_; }  // for rows
  void add_week_off(const ListenerId& listener, const std::string& week, bool off);
  void add_place(const std::string& queue, const std::string& team, WallTime time);

  // Weeks in their order, without a hole.
  Cadence make(std::span<const Week> weeks, WallTime now) const;

 private:
  struct Person;
  using Persons = std::map<ListenerId, Person>;
  Persons persons() const;
  void count_minutes(std::span<const Week> weeks, Persons& persons, Cadence& cadence) const;
  LeaderCadence row_of(const ListenerId& id, const Person& person, std::span<const Week> weeks,
                       WallTime now) const;

  struct Word {
    uint64_t place = 0;
    bool off = false;
  };

  SiteCalendar calendar_;
  LeaderFold leaders_;
  uint64_t words_ = 0;
  std::map<std::pair<ListenerId, std::string>, Word> weeks_off_;
  std::map<WallTime, Week> weeks_known_;  // ICU is slow when asked of every event
  std::map<std::pair<std::string, std::string>, std::set<WallTime>> places_;  // weeks by start
};

// One object, as docs/api.md has it of GET /cadence. UTF-8 whatever the names are.
std::string cadence_json(const Cadence& cadence, WallTime now);

}  // namespace earful
