#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "proto/event.h"
#include "proto/feed.h"

namespace earful {
namespace {

using Json = nlohmann::ordered_json;

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overload(Cases...) -> Overload<Cases...>;

const char* text_of(Direction direction) {
  if (direction == Direction::kInbound) return "inbound";
  if (direction == Direction::kOutbound) return "outbound";
  return "";
}

const char* text_of(Input input) {
  switch (input) {
    case Input::kKey:
      return "key";
    case Input::kPointer:
      return "pointer";
    case Input::kApi:
      return "api";
    case Input::kUnspecified:
      break;
  }
  return "";
}

Json json_of(const CallSnapshot& call) {
  Json out;
  out["external_id"] = call.external_id;
  out["started_at"] = call.started_at ? Json(format_rfc3339(*call.started_at)) : Json();
  out["direction"] = text_of(call.direction);
  out["queue"] = call.queue;
  out["team"] = call.team;
  out["agent_ref"] = call.agent_ref;
  out["language"] = call.language;
  out["customer_tier"] = call.customer_tier;
  out["labels"] = Json::object();
  for (const auto& [key, value] : call.labels) out["labels"][key] = value;
  out["sample"] = call.sample;
  return out;
}

Json json_of(const TagKind& kind) {
  Json out;
  out["kind"] = kind.id;
  out["family"] = kind.family;
  out["labels"] = Json::object();
  for (const auto& [language, label] : kind.labels) out["labels"][language] = label;
  out["hint"] = kind.hint;
  out["hints"] = Json::object();
  for (const auto& [language, hint] : kind.hints) out["hints"][language] = hint;
  out["key"] = kind.key;
  out["shape"] = kind.shape == TagShape::kRange ? "range" : "point";
  out["lead_ms"] = kind.lead_ms;
  out["lag_ms"] = kind.lag_ms;
  out["severity"] = kind.severity;
  out["order"] = kind.order;
  out["opens"] = kind.opens;
  out["revision"] = kind.revision;
  out["sets"] = kind.sets;
  return out;
}

Json json_of(const std::vector<Interval>& intervals) {
  Json out = Json::array();
  for (const Interval& one : intervals) out.push_back(Json::array({one.start, one.end}));
  return out;
}

Json json_of(const HourPlanned& hour) {
  Json out{{"week", hour.week},
           {"iso_week", hour.iso_week},
           {"since", format_rfc3339(hour.since)},
           {"until", format_rfc3339(hour.until)},
           {"seed", to_hex(hour.seed)},
           {"frame_sha256", to_hex(hour.frame_sha256)},
           {"hour_ms", hour.hour_ms},
           {"shortest_ms", hour.shortest_ms},
           {"longest_ms", hour.longest_ms},
           {"strata", hour.strata},
           {"frame_calls", hour.frame_calls},
           {"too_short", hour.too_short},
           {"too_long", hour.too_long},
           {"unheard", hour.unheard},
           {"heard", hour.heard}};
  out["drawn_from"] = Json::array();
  for (const HourStratum& one : hour.drawn_from) {
    out["drawn_from"].push_back(
        {{"values", one.values}, {"calls", one.calls}, {"drawn", one.drawn}});
  }
  out["calls"] = Json::array();
  for (const HourCall& one : hour.calls) {
    Json call{{"call", one.call.text()},
              {"probability", one.probability},
              {"duration_ms", one.duration_ms}};
    call[one.heard_before ? "heard_before" : "stratum"] =
        one.heard_before ? Json(true) : Json(one.stratum);
    out["calls"].push_back(std::move(call));
  }
  out["expected_ms"] = hour.expected_ms;
  out["deviation_ms"] = hour.deviation_ms;
  return out;
}

Json data_of(const Payload& payload) {
  return std::visit(
      Overload{
          [](const std::monostate&) { return Json::object(); },
          [](const CallStarted&) { return Json::object(); },
          [](const CallUpdated&) { return Json::object(); },
          [](const CallEnded& p) {
            return Json{{"duration_position", p.duration}, {"legs", p.legs}};
          },
          [](const Tagged& p) {
            Json out{{"kind", p.kind},
                     {"pressed_position", p.pressed},
                     {"released_position", p.released},
                     {"heard_position", p.heard},
                     {"start_position", p.start},
                     {"end_position", p.end},
                     {"playback_rate", p.playback_rate},
                     {"live", p.live},
                     {"input", text_of(p.input)}};
            if (p.closed_by_leaving) out["closed_by_leaving"] = true;
            return out;
          },
          [](const TagRevised& p) {
            Json out{{"tag", p.tag.text()}};
            if (p.kind) out["kind"] = *p.kind;
            if (p.start) out["start_position"] = *p.start;
            if (p.end) out["end_position"] = *p.end;
            out["note_revised"] = p.note_revised;
            return out;
          },
          [](const TagRetracted& p) {
            return Json{{"tag", p.tag.text()}};
          },
          [](const ListenerDefined& p) {
            return Json{{"listener", p.listener.text()}};
          },
          [](const ListenerMerged& p) {
            return Json{{"from", p.from.text()}, {"into", p.into.text()}};
          },
          [](const ListeningStarted& p) {
            return Json{{"listening", p.listening.text()}, {"live", p.live}};
          },
          [](const Listened& p) {
            Json out{{"listening", p.listening.text()},
                     {"intervals", json_of(p.intervals)},
                     {"playback_rate", p.playback_rate},
                     {"opened_early", p.opened_early}};
            if (!p.skipped_silence.empty()) out["skipped_silence"] = json_of(p.skipped_silence);
            return out;
          },
          [](const ListeningEnded& p) {
            return Json{{"listening", p.listening.text()}};
          },
          [](const TagKindDefined& p) { return json_of(p.kind); },
          [](const TagKindMerged& p) {
            return Json{{"from", p.from}, {"into", p.into}};
          },
          [](const TagKindRetired& p) {
            return Json{{"kind", p.kind}};
          },
          [](const FollowUpOpened& p) {
            return Json{{"follow_up", p.follow_up.text()}, {"kind", p.kind}, {"tag", p.tag.text()}};
          },
          [](const FollowUpClosed& p) {
            Json out{{"follow_up", p.follow_up.text()}, {"outcome", p.outcome}};
            if (!p.day.empty()) out["day"] = p.day;
            return out;
          },
          [](const AudioGap& p) {
            return Json{{"leg", p.leg},
                        {"start_position", p.start},
                        {"end_position", p.end},
                        {"cause", p.cause},
                        {"own_fault", p.own_fault}};
          },
          [](const Paused& p) {
            return Json{{"start_position", p.start}, {"end_position", p.end}};
          },
          [](const JournalGap& p) {
            return Json{{"station", p.station.text()},
                        {"journal", p.journal.text()},
                        {"from_seq", p.from_seq},
                        {"to_seq", p.to_seq},
                        {"reason", p.reason}};
          },
          [](const Erased& p) {
            Json events = Json::array();
            for (const EventId& id : p.events) events.push_back(id.text());
            return Json{{"events", events}, {"reason", p.reason}};
          },
          [](const HourPlanned& p) { return json_of(p); },
          [](const HourCallSkipped& p) {
            Json out{{"hour", p.hour.text()}};
            if (p.withdrawn) out["withdrawn"] = true;
            return out;
          },
          [](const HourCallAdded& p) {
            return Json{{"hour", p.hour.text()}};
          },
          [](const HourWords& p) {
            return Json{{"hour", p.hour.text()}};
          },
          [](const WeekTakenOff& p) {
            Json out{{"week", p.week}, {"iso_week", p.iso_week}};
            if (p.withdrawn) out["withdrawn"] = true;
            return out;
          },
      },
      payload);
}

Json json_of(const Event& event) {
  Json out;
  out["specversion"] = "1.0";
  out["id"] = event.id.text();
  out["source"] = event.source.text();
  out["type"] = event.type;
  out["time"] = format_rfc3339(event.time);
  if (event.subject) out["subject"] = event.subject->text();
  if (event.listener) out["listener"] = event.listener->text();
  if (event.erased) out["erased"] = true;
  Json data = data_of(event.payload);
  if (event.call) data["call"] = json_of(*event.call);
  const Personal& personal = event.personal;
  if (personal != Personal{}) {
    Json& to = data["personal"];
    if (!personal.note.empty()) to["note"] = personal.note;
    if (!personal.agent_name.empty()) to["agent_name"] = personal.agent_name;
    if (!personal.listener_name.empty()) to["listener_name"] = personal.listener_name;
    if (!personal.customer_key.empty()) to["customer_key"] = personal.customer_key;
  }
  out["datacontenttype"] = "application/json";
  out["data"] = std::move(data);
  return out;
}

// Bad UTF-8 becomes U+FFFD on the way out; the stored bytes keep it.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string event_json(const Event& event) { return line_of(json_of(event)); }

std::string record_json(const Record& record) {
  Json out;
  const auto event = decode_event(record.raw);
  if (event.ok()) {
    out = json_of(*event);
  } else {
    out["specversion"] = "1.0";
    out["id"] = "";
    out["source"] = record.station_id.text();
    out["type"] = "";
  }
  Json line;
  line["position"] = position_text(record.position);
  for (auto& [key, value] : out.items()) {
    if (key != "data") line[key] = value;
  }
  line["storeid"] = record.store_id.text();
  line["stationid"] = record.station_id.text();
  line["journalid"] = record.journal_id.text();
  line["seq"] = record.seq;
  line["receivedat"] = format_rfc3339(record.received_at);
  if (!record.quarantine.empty()) {
    line["quarantine"] = record.quarantine;
    line["raw"] = to_hex(record.raw);
  }
  if (!record.digest.empty()) line["digest"] = to_hex(record.digest);
  if (out.contains("data")) line["data"] = out["data"];
  return line_of(line);
}

}  // namespace earful
