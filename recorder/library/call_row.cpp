#include "recorder/library/call_row.h"

#include <nlohmann/json.hpp>

#include "recorder/library/fold.h"

namespace earful::recorder {
namespace {

int64_t ms_of(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall(int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }
std::string searchable(const Call& call) {
  const CallSnapshot& s = call.snapshot;
  std::string text;
  for (const std::string& part : {s.queue, s.team, s.agent_ref, call.agent_name, s.external_id}) {
    text += part + '\n';
  }
  for (const auto& [name, value] : s.labels) text += name + '\n' + value + '\n';
  return fold(text);
}

}  // namespace

Call read_call(const Statement& row) {
  Call call;
  CallSnapshot& s = call.snapshot;
  if (const auto id = CallId::from_raw(row.bytes(0))) call.id = *id;
  s.external_id = row.text(1);
  if (!row.is_null(2)) s.started_at = wall(row.integer(2));
  s.direction = Direction(row.integer(3));
  s.queue = row.text(4);
  s.team = row.text(5);
  s.agent_ref = row.text(6);
  s.language = row.text(7);
  s.customer_tier = row.text(8);
  const auto labels = nlohmann::json::parse(row.bytes(9), nullptr, false);
  if (labels.is_object()) {
    for (const auto& [name, value] : labels.items()) {
      if (value.is_string()) s.labels[name] = value.get<std::string>();
    }
  }
  s.sample = row.integer(10) != 0;
  call.agent_name = row.text(11);
  call.customer_id = row.text(12);
  call.customer_key = row.text(13);
  call.duration = row.integer(14);
  call.legs = int(row.integer(15));
  call.sample_rate_hz = int(row.integer(16));
  call.warnings = row.text(17);
  call.added_at = wall(row.integer(18));
  call.announced = row.integer(19) != 0;
  call.live = row.integer(20) != 0;
  call.cut = row.integer(21) != 0;
  call.capture = row.text(22);
  if (!row.bytes(23).empty()) call.notes = parse_notes(row.bytes(23));
  call.ended_told = row.integer(24) != 0;
  return call;
}

void bind_call(Statement& insert, const Call& call) {
  const CallSnapshot& s = call.snapshot;
  insert.bind_blob(1, call.id.raw()).bind_text(2, s.external_id);
  if (s.started_at) {
    insert.bind(3, ms_of(*s.started_at));
  } else {
    insert.bind_null(3);
  }
  insert.bind(4, int64_t(s.direction))
      .bind_text(5, s.queue)
      .bind_text(6, s.team)
      .bind_text(7, s.agent_ref)
      .bind_text(8, s.language)
      .bind_text(9, s.customer_tier)
      .bind_text(10, nlohmann::json(s.labels).dump(-1, ' ', false,
                                                   nlohmann::json::error_handler_t::replace))
      .bind(11, int64_t(s.sample))
      .bind_text(12, call.agent_name)
      .bind_text(13, call.customer_id)
      .bind_text(14, call.customer_key)
      .bind(15, call.duration)
      .bind(16, int64_t(call.legs))
      .bind(17, int64_t(call.sample_rate_hz))
      .bind_text(18, call.warnings)
      .bind(19, ms_of(call.added_at))
      .bind(20, ms_of(s.started_at.value_or(call.added_at)) + (call.live ? kLiveFirst : 0))
      .bind_text(21, searchable(call))
      .bind(22, int64_t(call.live))
      .bind(23, int64_t(call.cut))
      .bind_text(24, call.capture)
      .bind_text(25, call.notes.empty() ? "" : notes_json(call.notes))
      .bind_text(26, call.measures);
}

}  // namespace earful::recorder
