// The settings file of `serve --config FILE`: its keys, their defaults, and what a flag overrides.
#pragma once

#include <filesystem>
#include <string>

#include "base/config.h"
#include "base/result.h"
#include "base/site.h"
#include "collector/collector.h"

namespace earful::collector {

// E_CONFIG with the line, as base/config.h.
Result<CollectorOptions> read_settings(const std::filesystem::path& file);
// For the commands that count weeks; the rest of the file must fit as well.
Result<Site> read_site_settings(const std::filesystem::path& file);
// E_CONFIG, naming the address that is none; after flags were laid over the file.
Result<void> check_settings(const CollectorOptions& options);
std::string default_settings_file();

}  // namespace earful::collector
