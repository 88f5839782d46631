#include "agent/command/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "agent/agent.h"

namespace earful::agent {

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
}

}  // namespace earful::agent
