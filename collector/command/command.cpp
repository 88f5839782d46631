#include "collector/command/command.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace earful::collector {

int fail(const Error& error) {
  std::fprintf(stderr, "earful-collector: %s [%s]\n", error.message.c_str(), error.code.c_str());
  return kExitFailed;
}

int wrong_use(const std::string& message) {
  std::fprintf(stderr, "earful-collector: %s\n", message.c_str());
  return kExitWrongUse;
}

void add_data_option(CLI::App& command, std::filesystem::path& root) {
  root = DataFolder::default_root();
  command.add_option("--data", root, "Folder that holds all state of this collector")
      ->capture_default_str();
}

}  // namespace earful::collector
