#include "agent/hour/hour_settings.h"

#include <algorithm>

#include "base/config_value.h"
#include "base/http_syntax.h"

namespace earful::agent {
namespace {

constexpr std::string_view kSection = "hour";
constexpr int64_t kMsPerMinute = 60'000;
constexpr int64_t kMaxMinutes = 24 * 60;

constexpr ConfigKey kKeys[] = {
    {.section = kSection,
     .name = "minutes",
     .type = ConfigType::kInteger,
     .fallback = "60",
     .help = "How long a listening hour is on average; see docs/sampling.md.",
     .minimum = 1,
     .maximum = kMaxMinutes},
    {.section = kSection,
     .name = "shortest",
     .type = ConfigType::kDuration,
     .fallback = "20s",
     .help = "Shorter calls are never drawn: somebody hung up.",
     .minimum = 0,
     .maximum = kMaxMinutes * kMsPerMinute},
    {.section = kSection,
     .name = "longest",
     .type = ConfigType::kDuration,
     .fallback = "0s",
     .help = "Nor are longer ones. 0s: half of the hour.",
     .minimum = 0,
     .maximum = kMaxMinutes * kMsPerMinute},
    {.section = kSection,
     .name = "strata",
     .type = ConfigType::kTexts,
     .fallback = "[\"queue\", \"length\"]",
     .help =
         "What the calls of an hour are spread over: some of \"queue\", \"team\", \"language\",\n"
         "\"tier\", \"length\". None: calls may bunch."},
};

Error fault(const Config& settings, std::string_view key, const std::string& what) {
  const std::string& where = settings.where(kSection, key);
  return {"E_CONFIG",
          (where.empty() ? "" : where + ": ") + "hour." + std::string(key) + ": " + what};
}

Result<Stratum> stratum_of(const Config& settings, const std::string& name) {
  if (const auto stratum = parse_stratum(name)) return *stratum;
  std::vector<std::string> names;
  for (const Stratum one :
       {Stratum::kQueue, Stratum::kTeam, Stratum::kLanguage, Stratum::kTier, Stratum::kLength}) {
    names.emplace_back(stratum_name(one));
  }
  const std::string near = nearest_name(name, names);
  return fault(settings, "strata",
               json_quoted(name.substr(0, 80)) + " is none; " +
                   (near.empty() ? "there are queue, team, language, tier and length"
                                 : "did you mean " + json_quoted(near) + "?"));
}

}  // namespace

std::span<const ConfigKey> hour_keys() { return kKeys; }

Result<HourRules> read_hour_rules(const Config& settings) {
  HourRules rules;
  rules.hour_ms = settings.integer(kSection, "minutes") * kMsPerMinute;
  rules.shortest_ms = settings.duration(kSection, "shortest").count();
  rules.longest_ms = settings.duration(kSection, "longest").count();
  if (rules.longest_ms == 0) rules.longest_ms = rules.hour_ms / 2;
  if (rules.longest_ms < rules.shortest_ms) {
    const char* key = settings.is_set(kSection, "longest") ? "longest" : "shortest";
    return fault(settings, key, "no call is both long and short enough to be drawn");
  }
  rules.strata.clear();
  for (const std::string& name : settings.texts(kSection, "strata")) {
    EARFUL_ASSIGN(const Stratum stratum, stratum_of(settings, name));
    if (std::find(rules.strata.begin(), rules.strata.end(), stratum) != rules.strata.end()) {
      return fault(settings, "strata", json_quoted(name) + " stands there twice");
    }
    rules.strata.push_back(stratum);
  }
  return rules;
}

}  // namespace earful::agent
