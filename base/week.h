// The weeks of a site: each begins on the site's first day, at the first moment of that day in the
// site's time zone, and has seven days of that zone, so 167 or 169 hours where the clocks change.
//
// A week is named by its first day ("2026-11-22"). Its ISO week is that of its fourth day, whatever
// day weeks begin with, and it belongs to the year of that ISO week, so 2026 has a week 53. Any
// thread; copies share what they read.
//
// Errors: E_ZONE, E_DAY, with the nearest name there is.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace earful {

struct Week {
  std::string first_day, last_day;  // "2026-11-22", "2026-11-28"
  std::string iso;                  // "2026-W48"
  WallTime from{}, to{};            // to is not in it

  bool has(WallTime time) const { return from <= time && time < to; }
  bool operator==(const Week&) const = default;
};

class SiteCalendar {
 public:
  SiteCalendar();  // UTC, weeks from Monday
  // A zone as "Asia/Seoul", or "" for that of this machine; "sunday" to "saturday".
  static Result<SiteCalendar> open(std::string_view zone, std::string_view first_day);

  const std::string& zone() const { return zone_; }
  std::string_view first_day() const;

  Week week_of(WallTime time) const;
  // Nothing for what is no day.
  std::optional<Week> week_with(std::string_view day) const;
  // The one that shares most days with a week that begins on that day: a plan may come from a
  // station whose weeks begin otherwise. Nothing for what is no day.
  std::optional<Week> week_like(std::string_view first_day) const;
  Week before(const Week& week) const;
  Week after(const Week& week) const;
  // 52 or 53; year from 1 to 9998.
  std::vector<Week> weeks_of_year(int year) const;
  // The last is the one of now.
  std::vector<Week> last_weeks(size_t count, WallTime now) const;

  // The day there at that time, and the first moment of a day; nothing for what is no day.
  std::string day_of(WallTime time) const;
  std::optional<WallTime> day_start(std::string_view day) const;

 private:
  struct Zone;  // ICU's, only read

  SiteCalendar(std::string zone, std::chrono::weekday first, std::shared_ptr<const Zone> icu);
  std::chrono::sys_days local_day(WallTime time) const;
  WallTime start_of(std::chrono::sys_days day) const;
  Week week_from(std::chrono::sys_days first) const;
  Week week_around(std::chrono::sys_days day) const;

  std::string zone_;
  std::chrono::weekday first_{};
  std::shared_ptr<const Zone> icu_;
};

}  // namespace earful
