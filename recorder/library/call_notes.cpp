#include "recorder/library/call_notes.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace earful::recorder {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kKinds = {"gap", "pause", "cut"};
// Ten years: far beyond any call, and no overflow on the way to a position.
constexpr double kMaxMs = 10.0 * 366 * 24 * 3600 * 1000;

Json ms_of(Position position) {
  if (position % kPositionsPerMs == 0) return position / kPositionsPerMs;
  return position_ms(position);
}

Json to_json(const CallNote& note) {
  return {{"kind", kKinds[size_t(note.kind)]},
          {"leg", note.leg < 0 ? Json() : Json(note.leg)},
          {"start_ms", ms_of(note.start)},
          {"end_ms", note.end == CallNote::kGoesOn ? Json() : ms_of(note.end)},
          {"cause", note.cause},
          {"own_fault", note.own_fault},
          {"lost_samples", note.lost_samples < 0 ? Json() : Json(note.lost_samples)}};
}

std::optional<Position> position_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number()) return std::nullopt;
  const double ms = found->get<double>();
  if (!(ms >= 0 && ms <= kMaxMs)) return std::nullopt;
  return position_of_ms(ms);
}

std::optional<CallNote> from_json(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  CallNote note;
  const auto kind = json.find("kind");
  if (kind == json.end() || !kind->is_string()) return std::nullopt;
  const auto known = std::find(kKinds.begin(), kKinds.end(), kind->get<std::string>());
  if (known == kKinds.end()) return std::nullopt;
  note.kind = CallNote::Kind(known - kKinds.begin());
  const auto start = position_in(json, "start_ms");
  const bool goes_on = json.contains("end_ms") && json["end_ms"].is_null();
  const auto end = goes_on ? std::optional(CallNote::kGoesOn) : position_in(json, "end_ms");
  if (!start || !end || *end < *start) return std::nullopt;
  note.start = *start;
  note.end = *end;
  if (const auto leg = json.find("leg"); leg != json.end() && leg->is_number_integer()) {
    const auto number = leg->get<int64_t>();
    if (number != 0 && number != 1) return std::nullopt;
    note.leg = int(number);
  }
  if (const auto cause = json.find("cause"); cause != json.end() && cause->is_string()) {
    note.cause = cause->get<std::string>();
  }
  if (const auto own = json.find("own_fault"); own != json.end() && own->is_boolean()) {
    note.own_fault = own->get<bool>();
  }
  if (const auto lost = json.find("lost_samples");
      lost != json.end() && lost->is_number_integer()) {
    note.lost_samples = std::max<int64_t>(lost->get<int64_t>(), -1);
  }
  return note;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string note_json(const CallNote& note) { return text_of(to_json(note)); }

std::optional<CallNote> parse_note(std::string_view json) {
  return from_json(Json::parse(json, nullptr, false));
}

std::string notes_json(std::span<const CallNote> notes) {
  Json all = Json::array();
  for (const CallNote& note : notes) all.push_back(to_json(note));
  return text_of(all);
}

std::vector<CallNote> parse_notes(std::string_view json) {
  std::vector<CallNote> notes;
  const Json all = Json::parse(json, nullptr, false);
  if (!all.is_array()) return notes;
  for (const Json& one : all) {
    if (auto note = from_json(one)) notes.push_back(std::move(*note));
  }
  return notes;
}

std::vector<CallNote> parse_note_lines(std::string_view lines) {
  std::vector<CallNote> notes;
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    if (auto note = parse_note(lines.substr(0, end))) notes.push_back(std::move(*note));
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
  }
  return notes;
}

}  // namespace earful::recorder
