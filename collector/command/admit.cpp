#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/command/command.h"
#include "collector/keys/keystore.h"

namespace earful::collector {
namespace {

struct AdmitOptions {
  std::filesystem::path data;
  std::string name;
  std::string key;
  bool reader = false;
};

int admit(const AdmitOptions& options) {
  const auto folder = DataFolder::open(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto keys = Keystore::open(folder->keys());
  if (!keys.ok()) return fail(keys.error());
  const Role role = options.reader ? Role::kReader : Role::kStation;
  const auto admitted = keys->admit(options.name, options.key, role, wall_now());
  if (!admitted.ok()) return fail(admitted.error());
  // A secret key looks like a public one; the newcomer's refusal is all that would show it.
  std::printf("%s is let in as %s.\nIts connection needs this collector's public key: %s\n",
              options.name.c_str(), std::string(role_text(role)).c_str(),
              keys->server_keys().public_key.c_str());
  return kExitOk;
}

}  // namespace

void add_admit(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("admit", "Let in a key that was made elsewhere");
  auto options = std::make_shared<AdmitOptions>();
  add_data_option(*command, options->data);
  command->add_option("name", options->name, "What the newcomer is called here")->required();
  command->add_option("key", options->key, "Its public key, 40 characters; never its secret key")
      ->required();
  command->add_flag("--reader", options->reader, "It may read, and never deliver events");
  command->callback([options, &exit] { exit = admit(*options); });
}

}  // namespace earful::collector
