#include "agent/import/import.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"

namespace earful::agent {

void add_import(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("import", "Take recordings into the call library");
  auto options = std::make_shared<ImportOptions>();
  add_data_option(*command, options->data_dir);
  command->add_option("PATH", options->paths, "Files and folders")->required();
  command->add_option("--manifest", options->manifest, "CSV with facts about the calls");
  command->add_option("--name-pattern", options->name_pattern,
                      "Facts in file names, as {started_at:%Y%m%d-%H%M%S}_{queue}_{agent_ref}");
  command->add_flag("--sample", options->sample, "These are bundled samples: left out of reports");
  command->add_option("--jobs", options->jobs, "Recordings at once (0: one per processor)")
      ->check(CLI::Range(0, 64));
  command->add_option("--complexity", options->complexity, "Of Opus: 0 fast to 10 fine")
      ->capture_default_str()
      ->check(CLI::Range(0, 10));
  command->add_option("--bitrate", options->bitrate_bps, "Bits per second per leg (0: by rate)")
      ->check(CLI::Range(0, 128000));
  command->add_flag("--json", options->json, "A JSON object a recording");
  command->callback([options, &exit] {
    const auto made = make_data_dir(options->data_dir);
    exit = made.ok() ? run_import(*options) : fail(made.error());
  });
}

}  // namespace earful::agent
