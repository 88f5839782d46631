#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/command/command.h"
#include "collector/keys/keystore.h"

namespace earful::collector {
namespace {

struct RevokeOptions {
  std::filesystem::path data;
  std::string name;
};

int revoke(const RevokeOptions& options) {
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto keys = Keystore::open(folder->keys());
  if (!keys.ok()) return fail(keys.error());
  const auto revoked = keys->revoke(options.name, wall_now());
  if (!revoked.ok()) return fail(revoked.error());
  std::printf("%s is no longer let in.\n", options.name.c_str());
  return kExitOk;
}

}  // namespace

void add_revoke(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("revoke", "Let a key in no longer, from this moment");
  auto options = std::make_shared<RevokeOptions>();
  add_data_option(*command, options->data);
  command->add_option("name", options->name, "The name it was invited or admitted under")
      ->required();
  command->callback([options, &exit] { exit = revoke(*options); });
}

}  // namespace earful::collector
