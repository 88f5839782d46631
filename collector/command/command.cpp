#include "collector/command/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/data_owner.h"

namespace earful::collector {
namespace {

constexpr const char* kInstalledSettings = "/etc/earful/collector.toml";

}  // namespace

int fail(const Error& error) {
  std::fprintf(stderr, "earful-collector: %s [%s]\n", error.message.c_str(), error.code.c_str());
  return kExitFailed;
}

int wrong_use(const std::string& message) {
  std::fprintf(stderr, "earful-collector: %s\n", message.c_str());
  return kExitWrongUse;
}

void add_data_option(CLI::App& command, std::filesystem::path& root) {
  root = DataFolder::default_root();
  command.add_option("--data", root, "Folder that holds all state of this collector")
      ->capture_default_str();
  command.parse_complete_callback([&root] {
    if (const auto owner = act_as_owner_of(root); !owner.ok()) std::exit(fail(owner.error()));
  });
}

void add_installed_config_option(CLI::App& command, std::filesystem::path& file) {
  std::error_code fault;
  if (std::filesystem::exists(kInstalledSettings, fault)) file = kInstalledSettings;
  command.add_option("--config", file,
                     "Settings (TOML); by default those of the package, where it is installed");
}

CLI::Option* add_year_option(CLI::App& command, int& year, const std::string& help) {
  return command.add_option("--year", year, help)->check(CLI::Range(2000, 2099));
}

}  // namespace earful::collector
