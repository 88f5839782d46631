#include "agent/export/vcon.h"

#include <nlohmann/json.hpp>

#include "agent/export/call_export.h"
#include "base/hash.h"
#include "base/ids.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json tags_of(const HeardCall& heard) {
  Json tags = Json::array();
  for (const auto& [tag, kind, label, family] : heard.tags) {
    tags.push_back({{"event_id", tag.id.text()},
                    {"kind", kind},
                    {"family", family},
                    {"label", label},
                    {"position_ms", position_ms(tag.position)},
                    {"start_ms", position_ms(tag.start)},
                    {"end_ms", position_ms(tag.end)},
                    {"note", tag.note},
                    {"listener", {{"id", tag.listener.text()}, {"name", tag.listener_name}}},
                    {"tagged_at", format_rfc3339(tag.time)}});
  }
  return tags;
}

Json analysis(std::string_view type, Json body) {
  return {{"type", type},
          {"dialog", 0},
          {"mediatype", "application/json"},
          {"vendor", "earful"},
          {"product", "earful-agent"},
          {"schema", "earful.v1"},
          {"encoding", "json"},
          {"body", std::move(body)}};
}

// When nobody knows when a call began, the time it came here stands for it: a dialog needs one.
WallTime start_of(const recorder::Call& call) {
  return call.snapshot.started_at.value_or(call.added_at);
}

Json parties_of(const recorder::Call& call) {
  Json agent = Json::object();
  if (!call.agent_name.empty()) agent["name"] = call.agent_name;
  if (!call.snapshot.agent_ref.empty()) agent["uuid"] = call.snapshot.agent_ref;
  if (!call.snapshot.queue.empty()) agent["dept"] = call.snapshot.queue;
  Json customer = Json::object();
  if (!call.customer_key.empty()) customer["uuid"] = call.customer_key;
  return Json::array({std::move(agent), std::move(customer)});
}

Json dialog_of(const recorder::Call& call) {
  Json dialog{{"type", "recording"},
              {"start", format_rfc3339(start_of(call))},
              {"duration", double(call.duration) / double(kPositionsPerSecond)},
              {"parties", {0, 1}},
              {"mediatype", "audio/ogg"},
              {"filename", export_file_name(call, "opus")}};
  if (call.snapshot.direction != Direction::kUnspecified) {
    dialog["originator"] = call.snapshot.direction == Direction::kOutbound ? 0 : 1;
  }
  return dialog;
}

}  // namespace

std::string vcon_json(const HeardCall& heard, WallTime now) {
  const recorder::Call& call = heard.call;
  Json content{{"parties", parties_of(call)},
               {"dialog", Json::array({dialog_of(call)})},
               {"analysis", Json::array({analysis("tags", tags_of(heard))})}};
  const Json measures = Json::parse(call.measures, nullptr, false);
  if (measures.is_object()) content["analysis"].push_back(analysis("measures", measures));
  if (!call.notes.empty()) {
    const Json notes = Json::parse(recorder::notes_json(call.notes));
    content["analysis"].push_back(analysis("recording-notes", notes));
  }
  const Digest digest = generichash2(call.id.raw(), text_of(content));
  Json out{{"vcon", "0.4.0"},
           {"uuid", uuid_text(make_uuid_v8(view(digest)))},
           {"created_at", format_rfc3339(now)}};
  if (!call.snapshot.external_id.empty()) out["subject"] = call.snapshot.external_id;
  out.update(content);
  return text_of(out) + "\n";
}

}  // namespace earful::agent
