#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/uplink/identity.h"

namespace earful::agent {
namespace {

struct JoinOptions {
  std::filesystem::path data;
  std::string from;
  std::string name;
};

int join(const JoinOptions& options) {
  std::string line;
  if (options.from == "-") {
    std::getline(std::cin, line);
    if (line.empty()) return wrong_use("no invite line came on standard input");
  } else {
    std::ifstream file(options.from);
    if (!file) return wrong_use("cannot read " + options.from);
    std::getline(file, line);
  }
  if (const auto made = make_data_dir(options.data); !made.ok()) return fail(made.error());
  std::string name = options.name;
  if (name.empty()) {
    char host[256] = "station";
    gethostname(host, sizeof host - 1);
    name = host;
  }
  const auto identity = join_collector(options.data, line, name);
  if (!identity.ok()) return fail(identity.error());
  std::printf("Joined the collector at %s as %s.\n", identity->collector->host.c_str(),
              name.c_str());
  return kExitOk;
}

}  // namespace

void add_join(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("join", "Join a collector with an invite line");
  auto options = std::make_shared<JoinOptions>();
  add_data_option(*command, options->data);
  command->add_option("INVITE", options->from, "File with the line; - for standard input")
      ->required();
  command->add_option("--name", options->name, "What the collector calls this station");
  command->callback([options, &exit] { exit = join(*options); });
}

}  // namespace earful::agent
