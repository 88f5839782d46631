#include "base/site.h"

#include "base/text.h"

namespace earful {
namespace {

constexpr std::string_view kSection = "site";
constexpr size_t kMaxNameBytes = 200;  // it stands in a title

constexpr ConfigKey kKeys[] = {
    {.section = kSection,
     .name = "name",
     .fallback = "",
     .help = "What people call this site, as \"Seoul\"."},
    {.section = kSection,
     .name = "time_zone",
     .fallback = "",
     .help = "Where its days and weeks are counted, as \"Asia/Seoul\"; by default this machine's."},
    {.section = kSection,
     .name = "first_day",
     .fallback = "monday",
     .help = "The day a week begins with, as \"sunday\"."},
};

Error fault(const Config& settings, std::string_view key, const std::string& what) {
  const std::string& where = settings.where(kSection, key);
  return {"E_CONFIG",
          (where.empty() ? "" : where + ": ") + "site." + std::string(key) + ": " + what};
}

}  // namespace

std::span<const ConfigKey> site_keys() { return kKeys; }

Result<Site> read_site(const Config& settings) {
  Site site;
  site.name = settings.text(kSection, "name");
  if (site.name.size() > kMaxNameBytes || has_controls(site.name)) {
    return fault(settings, "name", "it must be one line of at most 200 bytes");
  }
  auto calendar = SiteCalendar::open(settings.text(kSection, "time_zone"),
                                     settings.text(kSection, "first_day"));
  if (!calendar.ok()) {
    const bool day = calendar.error().code == "E_DAY";
    return fault(settings, day ? "first_day" : "time_zone", calendar.error().message);
  }
  site.calendar = std::move(*calendar);
  return site;
}

}  // namespace earful
