// The station's settings: what may stand in its TOML file, and the commented default of it
// (`earful-agent check-config --print-default`). A flag on the command line wins over the file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/hour/hour_settings.h"
#include "agent/http/entrance_settings.h"
#include "agent/inbox/inbox_settings.h"
#include "agent/live/capture_profile.h"
#include "base/config.h"
#include "base/result.h"
#include "base/site.h"

namespace earful::agent {

struct Settings {
  Config values;
  EntranceText entrance;
  std::vector<CaptureProfile> captures;
  std::vector<InboxOptions> inboxes;
  Site site;
  HourRules hour;
};

// E_CONFIG with file, line and the nearest known key. No file: the defaults.
Result<Settings> read_settings(const std::filesystem::path& file);

std::string default_settings_file();

}  // namespace earful::agent
