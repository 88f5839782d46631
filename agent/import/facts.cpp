#include "agent/import/facts.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/config_value.h"
#include "base/http_syntax.h"

namespace earful::agent {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 12> kFields = {
    "external_id", "started_at",  "direction",     "queue",    "team", "agent_ref",
    "agent_name",  "customer_id", "customer_tier", "language", "legs", "labels"};

Error wrong(std::string_view field, const std::string& why) {
  return {"E_FACTS", "reading the field " + std::string(field) + ": " + why};
}

Result<void> check_text(std::string_view field, std::string_view text) {
  if (!is_utf8(text)) return wrong(field, "its bytes are no UTF-8; save the file as UTF-8");
  if (text.find('\0') != std::string_view::npos) return wrong(field, "it holds a NUL; take it out");
  if (text.size() > kMaxTextBytes) {
    return wrong(field, "it is " + std::to_string(text.size()) + " bytes long; " +
                            std::to_string(kMaxTextBytes) + " fit");
  }
  return {};
}

Result<void> set_started_at(std::string_view text, Facts& facts) {
  facts.call.started_at = parse_rfc3339(text);
  if (facts.call.started_at) return {};
  return wrong("started_at", "\"" + std::string(text.substr(0, 40)) +
                                 "\" is no time; write it like 2026-11-17T14:05:00+02:00");
}

Result<void> set_direction(std::string_view text, Facts& facts) {
  if (text == "inbound") {
    facts.call.direction = Direction::kInbound;
  } else if (text == "outbound") {
    facts.call.direction = Direction::kOutbound;
  } else if (text.empty()) {
    facts.call.direction = Direction::kUnspecified;
  } else {
    return wrong("direction",
                 "\"" + std::string(text.substr(0, 40)) + "\" is neither inbound nor outbound");
  }
  return {};
}

Result<void> set_legs(const std::vector<std::string>& names, Facts& facts) {
  std::vector<Leg> legs;
  for (const std::string& name : names) {
    if (name != "agent" && name != "customer") {
      return wrong("legs", "\"" + name.substr(0, 40) + "\" is neither agent nor customer");
    }
    legs.push_back(name == "agent" ? Leg::kAgent : Leg::kCustomer);
  }
  if (legs.empty() || legs.size() > 2) {
    return wrong("legs", std::to_string(legs.size()) + " legs; a call has one or two");
  }
  if (legs.size() == 2 && legs[0] == legs[1]) {
    return wrong("legs", "both are the same; name agent and customer once each");
  }
  facts.legs = std::move(legs);
  return {};
}

Result<void> add_label(std::string_view name, std::string_view value,
                       std::map<std::string, std::string>& labels) {
  if (name.empty()) return wrong("labels", "a label has no name");
  EARFUL_TRY(check_text("labels", name));
  EARFUL_TRY(check_text("labels", value));
  labels[std::string(name)] = value;
  if (labels.size() <= kMaxLabels) return {};
  return wrong("labels", "more than " + std::to_string(kMaxLabels) + "; keep the useful ones");
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<void> set_labels(std::string_view text, Facts& facts) {
  std::map<std::string, std::string> labels;
  for (const std::string& pair : split(text, ";")) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      return wrong("labels",
                   "\"" + pair.substr(0, 40) + "\" has no \"=\"; write name=value;name=value");
    }
    EARFUL_TRY(add_label(std::string_view(pair).substr(0, equals),
                         std::string_view(pair).substr(equals + 1), labels));
  }
  facts.call.labels = std::move(labels);
  return {};
}

// The fields that are plain text, nothing for the others.
std::string* text_of(std::string_view field, Facts& facts) {
  CallSnapshot& call = facts.call;
  if (field == "external_id") return &call.external_id;
  if (field == "queue") return &call.queue;
  if (field == "team") return &call.team;
  if (field == "agent_ref") return &call.agent_ref;
  if (field == "language") return &call.language;
  if (field == "customer_tier") return &call.customer_tier;
  if (field == "agent_name") return &facts.agent_name;
  if (field == "customer_id") return &facts.customer_id;
  return nullptr;
}

Result<void> set_json_legs(const Json& value, Facts& facts) {
  if (!value.is_array()) return wrong("legs", "not an array like [\"agent\", \"customer\"]");
  std::vector<std::string> names;
  for (const Json& name : value) {
    if (!name.is_string()) return wrong("legs", "not an array like [\"agent\", \"customer\"]");
    names.push_back(name.get<std::string>());
  }
  return set_legs(names, facts);
}

Result<void> set_json_labels(const Json& value, Facts& facts) {
  if (!value.is_object()) return wrong("labels", "not an object of texts");
  std::map<std::string, std::string> labels;
  for (const auto& [name, text] : value.items()) {
    if (!text.is_string())
      return wrong("labels", "the label \"" + name.substr(0, 40) + "\" is no text");
    EARFUL_TRY(add_label(name, text.get<std::string>(), labels));
  }
  facts.call.labels = std::move(labels);
  return {};
}

}  // namespace

std::string unknown_field(std::string_view field) {
  if (std::find(kFields.begin(), kFields.end(), field) != kFields.end()) return "";
  field = field.substr(0, 40);
  const auto nearest = std::min_element(kFields.begin(), kFields.end(), [&](auto a, auto b) {
    return edit_distance(field, a) < edit_distance(field, b);
  });
  return "there is no field \"" + std::string(field) + "\"; the nearest is \"" +
         std::string(*nearest) + "\"";
}

Result<void> set_fact(std::string_view field, std::string_view text, Facts& facts) {
  EARFUL_TRY(check_text(field, text));
  if (std::string* plain = text_of(field, facts)) {
    *plain = text;
    return {};
  }
  if (field == "started_at") return set_started_at(text, facts);
  if (field == "direction") return set_direction(text, facts);
  if (field == "labels") return set_labels(text, facts);
  if (field == "legs") return set_legs(split(text, ",; "), facts);
  return Error{"E_FACTS", unknown_field(field)};
}

Result<void> set_facts_from_json(std::string_view json, Facts& facts) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return Error{"E_FACTS", "reading the call's facts: no valid JSON"};
  if (!parsed.is_object()) {
    return Error{"E_FACTS", "reading the call's facts: the JSON is no object"};
  }
  for (const auto& [field, value] : parsed.items()) {
    if (const std::string why = unknown_field(field); !why.empty()) return Error{"E_FACTS", why};
    if (field == "legs") {
      EARFUL_TRY(set_json_legs(value, facts));
    } else if (field == "labels") {
      EARFUL_TRY(set_json_labels(value, facts));
    } else if (value.is_string()) {
      EARFUL_TRY(set_fact(field, value.get<std::string>(), facts));
    } else if (!value.is_null()) {
      return wrong(field, std::string("it is a ") + value.type_name() + ", not a text");
    }
  }
  return {};
}

}  // namespace earful::agent
