#include "recorder/source/source_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/config_value.h"
#include "recorder/source/device_source.h"
#include "recorder/source/play_source.h"
#include "recorder/source/tone_source.h"

namespace earful::recorder {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kTone = "tone:";
constexpr std::string_view kFile = "file:";
// Beyond this no clock of a device is; 500 is the most a sound card may be off.
constexpr double kMaxDriftPpm = 10'000;
constexpr int kMaxBlockMs = 1000;
constexpr size_t kMaxGaps = 1000;

const std::array<std::string, 4> kFileFields = {"speed", "drift_ppm", "gaps", "block_ms"};
const std::array<std::string, 6> kToneFields = {"rate",  "channels",  "seconds",
                                                "speed", "drift_ppm", "gaps"};

Error refused(std::string_view text, const std::string& why) {
  return {"E_SOURCE", "reading the source \"" + std::string(text) + "\": " + why};
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What stands before the mark; the mark and it are taken off.
std::string_view cut(std::string_view& text, char mark) {
  const size_t at = std::min(text.find(mark), text.size());
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return before;
}

std::optional<ScriptedGap> parse_gap(std::string_view text) {
  std::string_view times = cut(text, ':');
  const auto start = number(cut(times, '-'));
  const auto end = number(times);
  const auto cause = text.empty() ? GapCause::kOverflow : gap_cause_of(text);
  if (!start || !end || !cause || *start < 0 || *end <= *start || *end > kMaxCallSeconds * 1000) {
    return std::nullopt;
  }
  return ScriptedGap{milliseconds(int64_t(*start)), milliseconds(int64_t(*end)), *cause};
}

Result<std::vector<ScriptedGap>> parse_gaps(std::string_view whole, std::string_view text) {
  std::vector<ScriptedGap> gaps;
  while (!text.empty()) {
    const auto gap = parse_gap(cut(text, ','));
    if (!gap || gaps.size() == kMaxGaps || (!gaps.empty() && gap->start < gaps.back().end)) {
      return refused(whole,
                     "gaps must be START_MS-END_MS or START_MS-END_MS:CAUSE in order, parted by "
                     "commas; a CAUSE is overflow, device_lost, stalled or suspended");
    }
    gaps.push_back(*gap);
  }
  return gaps;
}

struct Field {
  std::string_view whole;  // the source, for messages
  std::string_view name;
  std::string_view value;

  Result<double> between(double least, double most) const {
    const auto given = number(value);
    if (given && *given >= least && *given <= most) return *given;
    return refused(whole, std::string(name) + " is \"" + std::string(value) +
                              "\"; it must be a number from " + std::to_string(int64_t(least)) +
                              " to " + std::to_string(int64_t(most)));
  }
};

Result<void> set_field(const Field& field, PlayOptions& play) {
  if (field.name == "gaps") {
    EARFUL_ASSIGN(play.gaps, parse_gaps(field.whole, field.value));
  } else if (field.name == "speed") {
    EARFUL_ASSIGN(play.speed, field.between(0, kMaxPlaySpeed));
    if (play.speed < 0.01) return refused(field.whole, "speed must be 0.01 or more");
  } else if (field.name == "drift_ppm") {
    EARFUL_ASSIGN(play.drift_ppm, field.between(-kMaxDriftPpm, kMaxDriftPpm));
  } else if (field.name == "block_ms") {
    EARFUL_ASSIGN(const double block, field.between(1, kMaxBlockMs));
    play.block = milliseconds(int64_t(block));
  } else if (field.name == "rate") {
    EARFUL_ASSIGN(const double rate, field.between(kMinRateHz, kMaxRateHz));
    play.format.rate_hz = int(rate);
  } else if (field.name == "channels") {
    EARFUL_ASSIGN(const double channels, field.between(1, kMaxChannels));
    play.format.channels = int(channels);
  } else {
    EARFUL_ASSIGN(const double seconds, field.between(0, double(kMaxCallSeconds)));
    play.length = std::chrono::seconds(int64_t(seconds));
  }
  return {};
}

Result<void> set_fields(std::string_view whole, std::string_view text,
                        std::span<const std::string> known, PlayOptions& play) {
  while (!text.empty()) {
    std::string_view value = cut(text, '&');
    const std::string_view name = cut(value, '=');
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string near = nearest_name(name, known);
      return refused(whole, "there is no field \"" + std::string(name) + "\"" +
                                (near.empty() ? "" : "; did you mean " + near + "?"));
    }
    EARFUL_TRY(set_field({whole, name, value}, play));
  }
  return {};
}

}  // namespace

Result<SourceSpec> parse_source(std::string_view text) {
  SourceSpec spec;
  std::string_view rest = text;
  if (text.starts_with(kTone)) {
    spec.kind = SourceSpec::Kind::kTone;
    rest.remove_prefix(kTone.size());
    const std::string_view pitch = cut(rest, '?');
    EARFUL_ASSIGN(spec.pitch_hz, (Field{text, "the pitch", pitch}.between(1, kMaxRateHz / 2)));
    EARFUL_TRY(set_fields(text, rest, kToneFields, spec.play));
  } else if (text.starts_with(kFile)) {
    spec.kind = SourceSpec::Kind::kFile;
    rest.remove_prefix(kFile.size());
    spec.name = cut(rest, '?');
    EARFUL_TRY(set_fields(text, rest, kFileFields, spec.play));
  } else {
    spec.name = text;
  }
  if (spec.kind != SourceSpec::Kind::kTone && spec.name.empty()) {
    return refused(text, "it names nothing; see earful-agent devices for the devices there are");
  }
  return spec;
}

Result<std::unique_ptr<LiveSource>> make_source(const SourceSpec& spec) {
  switch (spec.kind) {
    case SourceSpec::Kind::kTone:
      return make_tone_source(spec.pitch_hz, spec.play, play_clock(spec.play.speed));
    case SourceSpec::Kind::kFile:
      return open_play_source(spec.name, spec.play, play_clock(spec.play.speed));
    case SourceSpec::Kind::kDevice:
      break;
  }
  return open_device_source({spec.name, spec.rate_hz, spec.channels});
}

}  // namespace earful::recorder
