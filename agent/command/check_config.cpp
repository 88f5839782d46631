#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "agent/command/command.h"
#include "agent/command/settings.h"

namespace earful::agent {
namespace {

struct CheckOptions {
  std::filesystem::path file;
  bool print_default = false;
};

int check(const CheckOptions& options) {
  if (options.print_default) {
    std::printf("%s", default_settings_file().c_str());
    return kExitOk;
  }
  if (options.file.empty()) return wrong_use("check-config needs a FILE or --print-default");
  const auto settings = read_settings(options.file);
  if (!settings.ok()) return fail(settings.error());
  const auto entrance = settle_entrance(settings->entrance);
  if (!entrance.ok()) return fail(entrance.error());
  std::printf("%s is fine.\n", options.file.c_str());
  return kExitOk;
}

}  // namespace

void add_check_config(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("check-config", "Check a settings file without starting");
  auto options = std::make_shared<CheckOptions>();
  command->add_option("FILE", options->file, "The TOML file");
  command->add_flag("--print-default", options->print_default,
                    "Print a file with every key, commented, instead");
  command->callback([options, &exit] { exit = check(*options); });
}

}  // namespace earful::agent
