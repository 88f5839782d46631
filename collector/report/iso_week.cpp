#include "collector/report/iso_week.h"

#include <cstdio>

namespace earful::collector {

std::string iso_week(WallTime time) {
  using namespace std::chrono;
  const sys_days day = floor<days>(time);
  // A week belongs to the year its Thursday is in.
  const sys_days thursday = day - (weekday(day) - Monday) + days(3);
  const year_month_day date(thursday);
  const auto week = (thursday - sys_days(date.year() / January / 1)).count() / 7 + 1;
  char text[32];
  std::snprintf(text, sizeof text, "%04d-W%02d", int(date.year()), int(week));
  return text;
}

}  // namespace earful::collector
