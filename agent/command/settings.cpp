#include "agent/command/settings.h"

namespace earful::agent {
namespace {

constexpr ConfigKey kKeys[] = {
    {.section = "http",
     .name = "port",
     .type = ConfigType::kPort,
     .fallback = "7370",
     .help = "The console and the API, on 127.0.0.1."},
    {.section = "calls",
     .name = "region",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "Country of telephone numbers that come without a country code, as \"US\" or \"IL\".\n"
             "The same customer then has the same key however the number was written."},
};

}  // namespace

Result<Config> read_settings(const std::filesystem::path& file) {
  if (file.empty()) return Config::defaults(kKeys);
  return Config::read(file, kKeys);
}

std::string default_settings_file() {
  return default_config_file("Settings of earful-agent; serve --config FILE reads them.", kKeys);
}

}  // namespace earful::agent
