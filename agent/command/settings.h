// The station's settings: what may stand in its TOML file, and the commented default of it
// (`earful-agent check-config --print-default`). A flag on the command line wins over the file.
#pragma once

#include <filesystem>
#include <string>

#include "agent/agent.h"
#include "base/config.h"
#include "base/result.h"

namespace earful::agent {

// E_CONFIG with file, line and the nearest known key.
Result<Config> read_settings(const std::filesystem::path& file);

std::string default_settings_file();

}  // namespace earful::agent
