#include "collector/command/settings.h"

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

}  // namespace

Result<CollectorOptions> read_settings(const std::filesystem::path& file) {
  EARFUL_ASSIGN(const Config config,
                file.empty() ? Result(Config::defaults(kKeys)) : Config::read(file, kKeys));
  CollectorOptions options;
  options.intake = config.text("sockets", "intake");
  options.feed = config.text("sockets", "feed");
  options.desk = config.text("sockets", "desk");
  options.http_port = config.port("http", "port");
  return options;
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
                             kKeys);
}

}  // namespace earful::collector
