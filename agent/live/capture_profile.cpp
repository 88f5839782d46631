#include "agent/live/capture_profile.h"

#include <algorithm>
#include <map>

#include "base/config_value.h"
#include "base/http_syntax.h"
#include "recorder/source/source_spec.h"

namespace earful::agent {
namespace {

constexpr size_t kLongestName = 64;

// Faster than any device; what Opus does not code is resampled.
constexpr int64_t kMaxRateHz = 192000;
// A pause that nobody ends must not eat the call.
constexpr int64_t kShortestPauseMs = 1000, kLongestPauseMs = 3'600'000;

constexpr ConfigKey kKeys[] = {
    {.section = "capture",
     .name = "name",
     .fallback = "",
     .help = "What the API and the page call it: letters, digits, - and _.",
     .repeated = true},
    {.section = "capture",
     .name = "source",
     .fallback = "",
     .help =
         "Where both legs come from, a channel each: a device as earful-agent devices names it,\n"
         "\"file:PATH\" (a WAV played as if live) or \"tone:440\". One channel is one leg.",
     .repeated = true},
    {.section = "capture",
     .name = "agent",
     .fallback = "",
     .help = "Instead of source: where the agent's leg comes from,",
     .repeated = true},
    {.section = "capture",
     .name = "customer",
     .fallback = "",
     .help = "and the customer's.",
     .repeated = true},
    {.section = "capture",
     .name = "legs",
     .fallback = "agent,customer",
     .help = "Whose channels those of source are, in their order.",
     .repeated = true},
    {.section = "capture",
     .name = "rate_hz",
     .type = ConfigType::kInteger,
     .fallback = "0",
     .help = "Asked of the device; 0 is the device's own.",
     .minimum = 0,
     .maximum = kMaxRateHz,
     .repeated = true},
    {.section = "capture",
     .name = "queue",
     .fallback = "",
     .help = "What its calls have unless their start says otherwise.",
     .repeated = true},
    {.section = "capture", .name = "team", .fallback = "", .help = "The same.", .repeated = true},
    {.section = "capture",
     .name = "agent_ref",
     .fallback = "",
     .help = "The same.",
     .repeated = true},
    {.section = "capture",
     .name = "pause_limit",
     .type = ConfigType::kDuration,
     .fallback = "2m",
     .help = "After so long a pause ends by itself, with a warning.",
     .minimum = kShortestPauseMs,
     .maximum = kLongestPauseMs,
     .repeated = true},
};

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

// Tones and files can be had any number of times, a device once.
bool names_device(const std::string& source) {
  const auto spec = recorder::parse_source(source);
  return spec.ok() && spec->kind == recorder::SourceSpec::Kind::kDevice;
}

Result<CaptureProfile> read_profile(const Config& table) {
  const auto fault = [&](const std::string& what) {
    return Error{"E_CONFIG", table.where() + ": " + what};
  };
  CaptureProfile profile;
  profile.name = table.text("capture", "name");
  if (!is_name(profile.name)) {
    return fault("capture.name must be 1 to 64 letters, digits, - and _");
  }
  profile.source = table.text("capture", "source");
  profile.agent = table.text("capture", "agent");
  profile.customer = table.text("capture", "customer");
  const bool legs = !profile.agent.empty() && !profile.customer.empty();
  const bool any_leg = !profile.agent.empty() || !profile.customer.empty();
  if (profile.source.empty() ? !legs : any_leg) {
    return fault("capture " + json_quoted(profile.name) +
                 " needs a source for both legs, or an agent and a customer");
  }
  for (const std::string& source : {profile.source, profile.agent, profile.customer}) {
    if (source.empty()) continue;
    if (const auto parsed = recorder::parse_source(source); !parsed.ok()) {
      return fault(parsed.error().message);
    }
  }
  profile.rate_hz = int(table.integer("capture", "rate_hz"));
  profile.pause_limit = table.duration("capture", "pause_limit");
  for (const char* fact : {"legs", "queue", "team", "agent_ref"}) {
    if (const auto set = set_fact(fact, table.text("capture", fact), profile.defaults); !set) {
      return fault(set.error().message);
    }
  }
  return profile;
}

}  // namespace

std::span<const ConfigKey> capture_keys() { return kKeys; }

Result<std::vector<CaptureProfile>> read_captures(const Config& settings) {
  std::vector<CaptureProfile> profiles;
  std::map<std::string, std::string> owners;  // by device
  for (const Config& table : settings.tables("capture")) {
    EARFUL_ASSIGN(CaptureProfile profile, read_profile(table));
    const auto same = std::find_if(profiles.begin(), profiles.end(),
                                   [&](const auto& one) { return one.name == profile.name; });
    if (same != profiles.end()) {
      return Error{"E_CONFIG", table.where() + ": there is a capture " + json_quoted(profile.name) +
                                   " already; give it another name"};
    }
    for (const std::string& device : {profile.source, profile.agent, profile.customer}) {
      if (!names_device(device)) continue;
      const auto [owner, mine] = owners.emplace(device, profile.name);
      if (mine) continue;
      return Error{"E_CONFIG", table.where() + ": capture " + json_quoted(profile.name) +
                                   " records " + json_quoted(device) + ", which capture " +
                                   json_quoted(owner->second) +
                                   " records already; a device has one profile and one leg"};
    }
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

std::string unknown_capture(const std::string& name, std::span<const CaptureProfile> known) {
  const std::string there_is_none = "There is no capture " + json_quoted(name.substr(0, 40));
  std::vector<std::string> names;
  for (const CaptureProfile& profile : known) names.push_back(profile.name);
  if (names.empty()) return there_is_none + "; name one with [[capture]] in the settings.";
  const auto nearest =
      std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
        return edit_distance(name.substr(0, kLongestName), a) <
               edit_distance(name.substr(0, kLongestName), b);
      });
  return there_is_none + "; the nearest is " + json_quoted(*nearest) + ".";
}

}  // namespace earful::agent
