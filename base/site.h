// The site a program serves: its name and its calendar, as [site] of the settings of both programs
// says. Weeks are counted alike only where both say the same. Any thread.
#pragma once

#include <span>
#include <string>

#include "base/config.h"
#include "base/result.h"
#include "base/week.h"

namespace earful {

struct Site {
  std::string name;  // for people; may be empty
  SiteCalendar calendar;
};

std::span<const ConfigKey> site_keys();

// E_CONFIG, with file and line, for a zone or a day there is none of.
Result<Site> read_site(const Config& settings);

}  // namespace earful
