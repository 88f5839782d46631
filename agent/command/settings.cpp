#include "agent/command/settings.h"

#include <iterator>
#include <vector>

namespace earful::agent {
namespace {

constexpr ConfigKey kKeys[] = {
    {.section = "calls",
     .name = "region",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "Country of telephone numbers that come without a country code, as \"US\" or \"IL\".\n"
             "The same customer then has the same key however the number was written."},
    {.section = "tagbook",
     .name = "editors",
     .type = ConfigType::kTexts,
     .fallback = "[]",
     .help = "Who may change the tag book and merge listeners here: names or ids of listeners, as\n"
             "[\"Dana Levi\", \"Noa\"]. None: everybody who may open the console."},
};

std::vector<ConfigKey> all_keys() {
  const auto http = http_keys();
  std::vector<ConfigKey> keys(http.begin(), http.end());
  keys.insert(keys.end(), std::begin(kKeys), std::end(kKeys));
  const auto site = site_keys();
  keys.insert(keys.end(), site.begin(), site.end());
  const auto hour = hour_keys();
  keys.insert(keys.end(), hour.begin(), hour.end());
  const auto captures = capture_keys();
  keys.insert(keys.end(), captures.begin(), captures.end());
  const auto inboxes = inbox_keys();
  keys.insert(keys.end(), inboxes.begin(), inboxes.end());
  return keys;
}

}  // namespace

Result<Settings> read_settings(const std::filesystem::path& file) {
  const std::vector<ConfigKey> keys = all_keys();
  Settings settings;
  settings.values = Config::defaults(keys);
  if (!file.empty()) {
    EARFUL_ASSIGN(settings.values, Config::read(file, keys));
  }
  EARFUL_ASSIGN(settings.captures, read_captures(settings.values));
  EARFUL_ASSIGN(settings.inboxes, read_inboxes(settings.values));
  EARFUL_ASSIGN(settings.site, read_site(settings.values));
  EARFUL_ASSIGN(settings.hour, read_hour_rules(settings.values));
  settings.entrance = entrance_text(settings.values);
  return settings;
}

std::string default_settings_file() {
  return default_config_file("Settings of earful-agent; serve --config FILE reads them.",
                             all_keys());
}

}  // namespace earful::agent
