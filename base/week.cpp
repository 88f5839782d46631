#include "base/week.h"

#include <unicode/ucal.h>
#include <unicode/uenum.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "base/config_value.h"

namespace earful {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr days kWeek{7}, kToFourth{3};

std::u16string utf16(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

std::string ascii(std::u16string_view text) {
  std::string out;
  for (const char16_t c : text) out += c < 0x80 ? char(c) : '?';
  return out;
}

bool is_known(const std::string& zone) {
  const std::u16string id = utf16(zone);
  std::array<UChar, 128> canonical;
  UBool system = false;
  UErrorCode fault = U_ZERO_ERROR;
  ucal_getCanonicalTimeZoneID(id.data(), int32_t(id.size()), canonical.data(),
                              int32_t(canonical.size()), &system, &fault);
  return U_SUCCESS(fault) && system;
}

// Zones of other days: what three letters mean differs from land to land (IST is three of them).
bool is_ambiguous(const std::string& zone) {
  return zone.size() == 3 && zone != "UTC" && zone != "GMT";
}

std::vector<std::string> known_zones() {
  std::vector<std::string> zones;
  UErrorCode fault = U_ZERO_ERROR;
  UEnumeration* all = ucal_openTimeZones(&fault);
  int32_t size = 0;
  while (const char* zone = uenum_next(all, &size, &fault)) zones.emplace_back(zone, size_t(size));
  uenum_close(all);
  return zones;
}

// "Asia/Seul" and "Seoul" both mean Asia/Seoul.
std::string nearest_zone(const std::string& zone) {
  const std::vector<std::string> zones = known_zones();
  if (const std::string near = nearest_name(zone, zones); !near.empty()) return near;
  std::vector<std::string> cities;
  for (const std::string& one : zones) cities.push_back(one.substr(one.rfind('/') + 1));
  const auto city = std::find(cities.begin(), cities.end(), nearest_name(zone, cities));
  return city == cities.end() ? "" : zones[size_t(city - cities.begin())];
}

std::string machine_zone() {
  std::array<UChar, 256> id;
  UErrorCode fault = U_ZERO_ERROR;
  const int32_t size = ucal_getHostTimeZone(id.data(), int32_t(id.size()), &fault);
  if (U_FAILURE(fault) || size_t(size) >= id.size()) return "";
  const std::string zone = ascii({id.data(), size_t(size)});
  if (is_known(zone)) return zone;
  // TZ may name a file, as ":/etc/localtime".
  std::error_code none;
  const std::string file = std::filesystem::weakly_canonical(zone, none).string();
  constexpr std::string_view kFolder = "/zoneinfo/";
  const size_t at = file.find(kFolder);
  return at == std::string::npos ? zone : file.substr(at + kFolder.size());
}

Result<std::string> settled_zone(std::string_view given) {
  if (given.empty()) {
    std::string zone = machine_zone();
    if (is_known(zone)) return zone;
    return Error{"E_ZONE", "taking this machine's time zone: \"" + zone +
                               "\" is none; write the site's as time_zone = \"Asia/Seoul\""};
  }
  std::string zone(given);
  if (is_known(zone) && !is_ambiguous(zone)) return zone;
  const std::string near = is_ambiguous(zone) ? "" : nearest_zone(zone);
  return Error{"E_ZONE", "there is no time zone \"" + zone + "\"; " +
                             (near.empty() ? "write it as \"Asia/Seoul\""
                                           : "did you mean \"" + near + "\"?")};
}

std::string text_of(sys_days day) {
  const year_month_day date(day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", int(date.year()),
                unsigned(date.month()), unsigned(date.day()));
  return text.data();
}

std::optional<sys_days> parse_day(std::string_view text) {
  constexpr size_t kDayBytes = 10;
  if (text.size() != kDayBytes) return std::nullopt;
  const auto midnight = parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (!midnight) return std::nullopt;
  return floor<days>(*midnight);
}

sys_days thursday_of(sys_days day) { return day - (weekday(day) - Monday) + days(3); }

// An ISO week belongs to the year that its Thursday is in, and so does a week here with the ISO
// week of its fourth day.
int year_of(sys_days first) { return int(year_month_day(thursday_of(first + kToFourth)).year()); }

std::string iso_week_of(sys_days first) {
  const int of = year_of(first);
  const auto before = thursday_of(first + kToFourth) - sys_days(year(of) / January / 1);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-W%02d", of, int(before.count() / 7 + 1));
  return text.data();
}

}  // namespace

struct SiteCalendar::Zone {
  explicit Zone(UCalendar* from) : calendar(from) {}
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
  ~Zone() { ucal_close(calendar); }

  // A calendar remembers the time it was asked of, so every question has one of its own.
  Zone copy() const {
    UErrorCode fault = U_ZERO_ERROR;
    UCalendar* cloned = ucal_clone(calendar, &fault);
    EARFUL_CHECK(U_SUCCESS(fault));
    return Zone(cloned);
  }

  UCalendar* calendar;
};

Result<SiteCalendar> SiteCalendar::open(std::string_view zone, std::string_view first_day) {
  EARFUL_ASSIGN(std::string name, settled_zone(zone));
  const auto day = std::find(kDays.begin(), kDays.end(), first_day);
  if (day == kDays.end()) {
    const std::string near =
        nearest_name(first_day, std::vector<std::string>(kDays.begin(), kDays.end()));
    return Error{"E_DAY",
                 "there is no day \"" + std::string(first_day) + "\"; " +
                     (near.empty() ? "write it as \"sunday\"" : "did you mean \"" + near + "\"?")};
  }
  const std::u16string id = utf16(name);
  UErrorCode fault = U_ZERO_ERROR;
  UCalendar* calendar = ucal_open(id.data(), int32_t(id.size()), "en", UCAL_GREGORIAN, &fault);
  if (U_FAILURE(fault)) {
    return Error{"E_ZONE", "opening the time zone " + name + ": " + u_errorName(fault)};
  }
  // The calendar of std::chrono, at all times; and of a day whose midnight is left out or comes
  // twice, the first moment.
  ucal_setGregorianChange(calendar, -1e15, &fault);
  ucal_setAttribute(calendar, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
  ucal_setAttribute(calendar, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_NEXT_VALID);
  return SiteCalendar(std::move(name), weekday(unsigned(day - kDays.begin())),
                      std::make_shared<Zone>(calendar));
}

SiteCalendar::SiteCalendar() : SiteCalendar(open("UTC", "monday").value()) {}

SiteCalendar::SiteCalendar(std::string zone, weekday first, std::shared_ptr<const Zone> icu)
    : zone_(std::move(zone)), first_(first), icu_(std::move(icu)) {}

std::string_view SiteCalendar::first_day() const { return kDays[first_.c_encoding()]; }

sys_days SiteCalendar::local_day(WallTime time) const {
  const Zone zone = icu_->copy();
  UErrorCode fault = U_ZERO_ERROR;
  ucal_setMillis(zone.calendar, double(time.time_since_epoch().count()), &fault);
  const milliseconds offset(ucal_get(zone.calendar, UCAL_ZONE_OFFSET, &fault) +
                            ucal_get(zone.calendar, UCAL_DST_OFFSET, &fault));
  EARFUL_CHECK(U_SUCCESS(fault));
  return floor<days>(time + offset);
}

WallTime SiteCalendar::start_of(sys_days day) const {
  const Zone zone = icu_->copy();
  const year_month_day date(day);
  UErrorCode fault = U_ZERO_ERROR;
  ucal_setMillis(zone.calendar, 0, &fault);
  ucal_setDateTime(zone.calendar, int(date.year()), int(unsigned(date.month())) - 1,
                   int(unsigned(date.day())), 0, 0, 0, &fault);
  ucal_set(zone.calendar, UCAL_MILLISECOND, 0);
  const double time = ucal_getMillis(zone.calendar, &fault);
  EARFUL_CHECK(U_SUCCESS(fault));
  return WallTime(milliseconds(int64_t(time)));
}

Week SiteCalendar::week_from(sys_days first) const {
  return {text_of(first), text_of(first + kWeek - days(1)), iso_week_of(first), start_of(first),
          start_of(first + kWeek)};
}

Week SiteCalendar::week_around(sys_days day) const {
  return week_from(day - (weekday(day) - first_));
}

Week SiteCalendar::week_of(WallTime time) const { return week_around(local_day(time)); }

std::optional<Week> SiteCalendar::week_with(std::string_view day) const {
  const auto parsed = parse_day(day);
  if (!parsed) return std::nullopt;
  return week_around(*parsed);
}

std::optional<Week> SiteCalendar::week_like(std::string_view first_day) const {
  const auto parsed = parse_day(first_day);
  if (!parsed) return std::nullopt;
  return week_around(*parsed + kToFourth);
}

Week SiteCalendar::before(const Week& week) const {
  return week_from(*parse_day(week.first_day) - kWeek);
}

Week SiteCalendar::after(const Week& week) const {
  return week_from(*parse_day(week.first_day) + kWeek);
}

std::vector<Week> SiteCalendar::weeks_of_year(int of) const {
  EARFUL_CHECK(of >= 1 && of <= 9998);
  const sys_days new_year = year(of) / January / 1;
  sys_days first = new_year - (weekday(new_year) - first_) - kWeek;
  while (year_of(first) < of) first += kWeek;
  std::vector<Week> weeks;
  for (; year_of(first) == of; first += kWeek) weeks.push_back(week_from(first));
  return weeks;
}

std::vector<Week> SiteCalendar::last_weeks(size_t count, WallTime now) const {
  const Week newest = week_of(now);
  std::vector<Week> weeks;
  for (size_t back = count; back-- > 0;) {
    weeks.push_back(week_from(*parse_day(newest.first_day) - int(back) * kWeek));
  }
  return weeks;
}

std::string SiteCalendar::day_of(WallTime time) const { return text_of(local_day(time)); }

std::optional<WallTime> SiteCalendar::day_start(std::string_view day) const {
  const auto parsed = parse_day(day);
  if (!parsed) return std::nullopt;
  return start_of(*parsed);
}

}  // namespace earful
