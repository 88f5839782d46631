// What is known about a call besides its sound: from NAME.json beside NAME.wav, from a line of a
// manifest, or from the file's name. Fields have the same names everywhere; texts are UTF-8.
// No state. Errors: E_FACTS, naming the field and, for an unknown one, the nearest known.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proto/event.h"

namespace earful::agent {

enum class Leg { kAgent, kCustomer };

struct Facts {
  CallSnapshot call;
  std::string agent_name;
  std::string customer_id;
  std::vector<Leg> legs;  // in the order of the channels; empty when nobody said
};

// A sidecar holds no more than an event does.
inline constexpr size_t kMaxSidecarBytes = 64 * 1024;

// One field as text. Labels are "name=value;name=value", legs "agent,customer".
Result<void> set_fact(std::string_view field, std::string_view text, Facts& facts);
// A JSON object; its fields replace what facts holds.
Result<void> set_facts_from_json(std::string_view json, Facts& facts);

// "" for a field that is known; otherwise what to say about it.
std::string unknown_field(std::string_view field);

}  // namespace earful::agent
