#include "collector/store/backup.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/command/command.h"

namespace earful::collector {
namespace {

struct BackupOptions {
  std::filesystem::path data;
  std::filesystem::path folder;
  bool force = false;
};

int backup(const BackupOptions& options) {
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  const auto done = back_up(*folder, options.folder);
  if (!done.ok()) return fail(done.error());
  std::printf("Backed up to %s: everything up to %s, %llu bytes.\n", options.folder.c_str(),
              position_text(done->head).c_str(), static_cast<unsigned long long>(done->bytes));
  return kExitOk;
}

int put_back(const BackupOptions& options) {
  const auto folder = DataFolder::open(options.data);
  if (!folder.ok()) return fail(folder.error());
  const auto done = restore(*folder, options.folder, options.force);
  if (!done.ok()) return fail(done.error());
  std::printf("Restored from %s: everything up to %s. Stations send again what it lacks.\n",
              options.folder.c_str(), position_text(done->head).c_str());
  return kExitOk;
}

}  // namespace

void add_backup(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("backup", "Copy the store, also while it is served");
  auto options = std::make_shared<BackupOptions>();
  add_data_option(*command, options->data);
  command->add_option("folder", options->folder, "An empty or new folder; keys are not in it")
      ->required();
  command->callback([options, &exit] { exit = backup(*options); });
}

void add_restore(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("restore", "Put a backup in the place of the store");
  auto options = std::make_shared<BackupOptions>();
  add_data_option(*command, options->data);
  command->add_option("folder", options->folder, "What backup wrote")->required();
  command->add_flag("--force", options->force, "Also when it is a backup of another store");
  command->callback([options, &exit] { exit = put_back(*options); });
}

}  // namespace earful::collector
