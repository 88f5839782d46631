#include "agent/inbox/inbox_settings.h"

#include "agent/import/name_pattern.h"
#include "recorder/codec/leg_encoder.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSection = "inbox";
constexpr int64_t kMaxSidecarWaitMs = 600'000;  // a recording is wanted within minutes

constexpr ConfigKey kKeys[] = {
    {.section = kSection,
     .name = "path",
     .type = ConfigType::kText,
     .fallback = "",
     .help =
         "A folder that is watched: recordings that arrive in it, or below it, are taken in as\n"
         "by \"earful-agent import\". Nothing in it is ever changed. An absolute path.",
     .repeated = true},
    {.section = kSection,
     .name = "name_pattern",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "Facts in file names, as \"{started_at:%Y%m%d-%H%M%S}_{queue}_{agent_ref}\".",
     .repeated = true},
    {.section = kSection,
     .name = "manifest",
     .type = ConfigType::kText,
     .fallback = "",
     .help = "A CSV with facts about the calls; read again when it changes. An absolute path.",
     .repeated = true},
    {.section = kSection,
     .name = "sidecar_wait",
     .type = ConfigType::kDuration,
     .fallback = "2s",
     .help = "How long after a recording its NAME.json may come.",
     .minimum = 0,
     .maximum = kMaxSidecarWaitMs,
     .repeated = true},
    {.section = kSection,
     .name = "complexity",
     .type = ConfigType::kInteger,
     .fallback = "5",
     .help = "Of the Opus encoder: 0 is fast, 10 is fine.",
     .minimum = 0,
     .maximum = 10,
     .repeated = true},
    {.section = kSection,
     .name = "bitrate_bps",
     .type = ConfigType::kInteger,
     .fallback = "0",
     .help = "Bits per second per leg, 6000 to 128000; 0 chooses by the recording's rate.",
     .minimum = 0,
     .maximum = recorder::kMaxBitrateBps,
     .repeated = true},
};

Error fault(const Config& table, const std::string& what) {
  return {"E_CONFIG", table.where() + ": " + what};
}

// "/in/" and "/in/./" are "/in".
fs::path plain(const fs::path& path) {
  fs::path normal = path.lexically_normal();
  if (!normal.has_filename() && normal.has_parent_path()) normal = normal.parent_path();
  return normal;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

Result<InboxOptions> read_inbox(const Config& table) {
  InboxOptions inbox;
  inbox.path = plain(table.text(kSection, "path"));
  if (!inbox.path.is_absolute()) {
    return fault(table, "inbox.path must be an absolute path, as \"/srv/recordings\"");
  }
  inbox.name_pattern = table.text(kSection, "name_pattern");
  if (!inbox.name_pattern.empty()) {
    const auto pattern = NamePattern::parse(inbox.name_pattern);
    if (!pattern.ok()) return fault(table, "inbox.name_pattern: " + pattern.error().message);
  }
  inbox.manifest = table.text(kSection, "manifest");
  if (!inbox.manifest.empty() && !inbox.manifest.is_absolute()) {
    return fault(table, "inbox.manifest must be an absolute path, as \"/srv/calls.csv\"");
  }
  inbox.sidecar_wait = table.duration(kSection, "sidecar_wait");
  inbox.complexity = int(table.integer(kSection, "complexity"));
  inbox.bitrate_bps = int(table.integer(kSection, "bitrate_bps"));
  if (inbox.bitrate_bps != 0 && inbox.bitrate_bps < recorder::kMinBitrateBps) {
    return fault(table, "inbox.bitrate_bps must be 0 or from 6000 to 128000");
  }
  return inbox;
}

}  // namespace

std::span<const ConfigKey> inbox_keys() { return kKeys; }

Result<std::vector<InboxOptions>> read_inboxes(const Config& settings) {
  std::vector<InboxOptions> inboxes;
  for (const Config& table : settings.tables(kSection)) {
    EARFUL_ASSIGN(InboxOptions inbox, read_inbox(table));
    for (const InboxOptions& other : inboxes) {
      if (is_below(inbox.path, other.path) || is_below(other.path, inbox.path)) {
        return fault(table, "the inbox " + inbox.path.string() + " is within " +
                                other.path.string() + " or around it; keep one of them");
      }
    }
    if (inboxes.size() == kMaxInboxes) {
      return fault(table, "over 16 inboxes; put the folders below one");
    }
    inboxes.push_back(std::move(inbox));
  }
  return inboxes;
}

}  // namespace earful::agent
