#include "recorder/source/capture_child.h"

#include <CLI/CLI.hpp>

#include "agent/command/command.h"

namespace earful::agent {

void add_capture_child(CLI::App& app, int& exit) {
  // Not in --help: only earful-agent itself starts it.
  app.add_subcommand("capture-child")->group("")->callback([&exit] {
    exit = recorder::run_capture_child();
  });
}

}  // namespace earful::agent
