#include "agent/command/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "agent/agent.h"
#include "base/data_owner.h"

namespace earful::agent {
namespace {

constexpr const char* kInstalledSettings = "/etc/earful/agent.toml";

}  // namespace

int fail(const Error& error) {
  std::fprintf(stderr, "earful-agent: %s [%s]\n", error.message.c_str(), error.code.c_str());
  return kExitFailed;
}

int wrong_use(const std::string& message) {
  std::fprintf(stderr, "earful-agent: %s; see earful-agent --help\n", message.c_str());
  return kExitWrongUse;
}

void add_data_option(CLI::App& command, std::filesystem::path& dir) {
  dir = default_data_dir();
  command.add_option("--data", dir, "Folder that holds all state of this station")
      ->capture_default_str();
  command.parse_complete_callback([&dir] {
    if (const auto owner = act_as_owner_of(dir); !owner.ok()) std::exit(fail(owner.error()));
  });
}

void add_installed_config_option(CLI::App& command, std::filesystem::path& file) {
  std::error_code fault;
  if (std::filesystem::exists(kInstalledSettings, fault)) file = kInstalledSettings;
  command.add_option("--config", file,
                     "Settings (TOML); by default those of the package, where it is installed");
}

}  // namespace earful::agent
