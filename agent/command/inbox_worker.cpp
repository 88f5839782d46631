#include "agent/inbox/inbox_worker.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "agent/command/command.h"

namespace earful::agent {

void add_inbox_worker(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("inbox-worker", "Import what a station's inboxes received");
  command->group("");  // not for people
  auto data = std::make_shared<std::filesystem::path>();
  add_data_option(*command, *data);
  command->callback([data, &exit] { exit = run_inbox_worker(*data); });
}

}  // namespace earful::agent
