#include "collector/command/settings.h"

#include <iterator>
#include <vector>

#include "collector/setup/address.h"

namespace earful::collector {
namespace {

constexpr ConfigKey kKeys[] = {
    {.section = "sockets",
     .name = "intake",
     .type = ConfigType::kText,
     .fallback = "tcp://127.0.0.1:7301",
     .help = "Where stations deliver. tcp://0.0.0.0:7301 lets other machines in; every\n"
             "connection is encrypted, and only keys that were invited or admitted speak."},
    {.section = "sockets",
     .name = "feed",
     .type = ConfigType::kText,
     .fallback = "tcp://127.0.0.1:7302",
     .help = "Where readers subscribe to what was stored."},
    {.section = "sockets",
     .name = "desk",
     .type = ConfigType::kText,
     .fallback = "tcp://127.0.0.1:7303",
     .help = "Where readers ask for what came before, and newcomers enrol."},
    {.section = "http",
     .name = "port",
     .type = ConfigType::kPort,
     .fallback = "7380",
     .help = "Events as NDJSON, health and metrics, on 127.0.0.1."},
};

std::vector<ConfigKey> all_keys() {
  std::vector<ConfigKey> keys(std::begin(kKeys), std::end(kKeys));
  const auto site = site_keys();
  keys.insert(keys.end(), site.begin(), site.end());
  return keys;
}

Result<Config> config_of(const std::filesystem::path& file) {
  const std::vector<ConfigKey> keys = all_keys();
  return file.empty() ? Result(Config::defaults(keys)) : Config::read(file, keys);
}

}  // namespace

Result<CollectorOptions> read_settings(const std::filesystem::path& file) {
  EARFUL_ASSIGN(const Config config, config_of(file));
  // Serving counts no weeks; a fault of the file is told all the same, where it says something.
  if (!file.empty()) EARFUL_TRY(read_site(config));
  CollectorOptions options;
  options.intake = config.text("sockets", "intake");
  options.feed = config.text("sockets", "feed");
  options.desk = config.text("sockets", "desk");
  options.http_port = config.port("http", "port");
  return options;
}

Result<Site> read_site_settings(const std::filesystem::path& file) {
  EARFUL_ASSIGN(const Config config, config_of(file));
  return read_site(config);
}

Result<void> check_settings(const CollectorOptions& options) {
  const std::pair<const char*, const std::string*> endpoints[] = {
      {"intake", &options.intake}, {"feed", &options.feed}, {"desk", &options.desk}};
  for (const auto& [name, endpoint] : endpoints) {
    const std::string fault = endpoint_fault(*endpoint);
    if (fault.empty()) continue;
    return Error{"E_CONFIG", "reading the address of the " + std::string(name) + ", " + *endpoint +
                                 ": " + fault + "; write it as tcp://127.0.0.1:7301"};
  }
  return {};
}

std::string default_settings_file() {
  return default_config_file("Settings of earful-collector; serve --config FILE reads them.",
                             all_keys());
}

}  // namespace earful::collector
