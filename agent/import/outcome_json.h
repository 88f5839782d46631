// An outcome as one line of JSON, between a worker process and whoever gave it the file. Texts that
// are no UTF-8 arrive with replacement characters. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/import/importer.h"

namespace earful::agent {

// An outcome is a few texts; more is a worker gone wrong.
inline constexpr size_t kMaxOutcomeBytes = 256 * 1024;

std::string outcome_json(const Outcome& outcome);
// Nothing for what outcome_json() does not make.
std::optional<Outcome> parse_outcome(std::string_view json);

}  // namespace earful::agent
