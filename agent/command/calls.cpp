#include "agent/calls/calls.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"

namespace earful::agent {

void add_calls(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("calls", "List the calls in the library, newest first");
  auto options = std::make_shared<CallsOptions>();
  add_data_option(*command, options->data_dir);
  command->add_option("TEXT", options->text, "Words that must occur");
  command->add_option("--external-id", options->external_id, "The telephone system's own id");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->callback([options, &exit] { exit = run_calls(*options); });
}

}  // namespace earful::agent
