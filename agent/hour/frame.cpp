#include "agent/hour/frame.h"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kNames = {"queue", "team", "language", "tier", "length"};
constexpr const char* kVersion = "earful-hour-1";
constexpr const char* kNotAFrame = "this is no frame of a listening hour (earful-hour-1)";
constexpr int64_t kMostMs = 86'400'000;

void add_line(std::string& text, const Json& line) {
  text += line.dump(-1, ' ', false, Json::error_handler_t::replace);
  text += '\n';
}

Frame head_of(const Json& line) {
  if (line.at("frame").get<std::string>() != kVersion) throw std::invalid_argument(kNotAFrame);
  Frame frame;
  const auto since = parse_rfc3339(line.at("since").get<std::string>());
  const auto until = parse_rfc3339(line.at("until").get<std::string>());
  if (!since || !until) throw std::invalid_argument("since and until are times (RFC 3339)");
  frame.since = *since;
  frame.until = *until;
  frame.rules.hour_ms = line.at("hour_ms").get<int64_t>();
  frame.rules.shortest_ms = line.at("shortest_ms").get<int64_t>();
  frame.rules.longest_ms = line.at("longest_ms").get<int64_t>();
  frame.rules.strata.clear();
  for (const Json& name : line.at("strata")) {
    const auto stratum = parse_stratum(name.get<std::string>());
    if (!stratum) throw std::invalid_argument("strata are queue, team, language, tier or length");
    frame.rules.strata.push_back(*stratum);
  }
  if (frame.rules.hour_ms < 1 || frame.rules.hour_ms > kMostMs) {
    throw std::invalid_argument("hour_ms is 1 to 86400000");
  }
  return frame;
}

FrameCall call_of(const Json& line) {
  FrameCall call;
  const auto id = CallId::parse(line.at("id").get<std::string>());
  if (!id) throw std::invalid_argument("id is no call id");
  call.id = *id;
  call.duration_ms = line.at("ms").get<int64_t>();
  if (call.duration_ms < 0 || call.duration_ms > kMostMs) {
    throw std::invalid_argument("ms is 0 to 86400000");
  }
  call.queue = line.at("queue").get<std::string>();
  call.team = line.at("team").get<std::string>();
  call.language = line.at("language").get<std::string>();
  call.tier = line.at("tier").get<std::string>();
  call.heard = line.at("heard").get<bool>();
  return call;
}

}  // namespace

std::string_view stratum_name(Stratum stratum) { return kNames[size_t(stratum)]; }

std::optional<Stratum> parse_stratum(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return Stratum(i);
  }
  return std::nullopt;
}

std::string frame_text(const Frame& frame) {
  std::string text;
  Json strata = Json::array();
  for (const Stratum stratum : frame.rules.strata) strata.push_back(stratum_name(stratum));
  add_line(text, {{"frame", kVersion},
                  {"since", format_rfc3339(frame.since)},
                  {"until", format_rfc3339(frame.until)},
                  {"hour_ms", frame.rules.hour_ms},
                  {"shortest_ms", frame.rules.shortest_ms},
                  {"longest_ms", frame.rules.longest_ms},
                  {"strata", std::move(strata)}});
  for (const FrameCall& call : frame.calls) {
    add_line(text, {{"id", call.id.text()},
                    {"ms", call.duration_ms},
                    {"queue", call.queue},
                    {"team", call.team},
                    {"language", call.language},
                    {"tier", call.tier},
                    {"heard", call.heard}});
  }
  return text;
}

Result<Frame> parse_frame(std::string_view text) {
  Frame frame;
  size_t number = 0;
  const auto refusal = [&](const std::string& why) {
    return Error{"E_FRAME", "reading the frame, line " + std::to_string(number) + ": " + why};
  };
  while (!text.empty() || number == 0) {
    ++number;
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    try {
      const Json json = Json::parse(line);
      if (number == 1) {
        frame = head_of(json);
      } else {
        frame.calls.push_back(call_of(json));
      }
    } catch (const Json::exception&) {
      return refusal(number == 1 ? kNotAFrame
                                 : "a call has id, ms, queue, team, language, tier, heard");
    } catch (const std::invalid_argument& fault) {
      return refusal(fault.what());
    }
    const size_t calls = frame.calls.size();
    if (calls > 1 && frame.calls[calls - 2].id >= frame.calls[calls - 1].id) {
      return refusal("calls stand in the order of their ids, each once");
    }
  }
  return frame;
}

}  // namespace earful::agent
