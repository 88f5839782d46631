// A call as a row of library.db: the columns in the order in which they are read, and the same
// values on their way in. No state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/sqlite.h"
#include "recorder/library/library.h"

namespace earful::recorder {

// Without measures, which grow with the call: a page of rows does not need them.
inline constexpr std::string_view kCallColumns =
    "id, external_id, started_at, direction, queue, team, agent_ref, language, customer_tier, "
    "labels, sample, agent_name, customer_id, customer_key, duration, legs, sample_rate_hz, "
    "warnings, added_at, announced, live, cut, capture, notes, ended_told, sort_at";
// Added to a live call's place in the order, so that it stands before every call that has ended:
// 10,000 years in milliseconds.
inline constexpr int64_t kLiveFirst = int64_t(10'000) * 366 * 86'400'000;
inline constexpr int kSortAtColumn = 25;
inline constexpr int kAfterColumns = 26;  // the first column a query adds

Call read_call(const Statement& row);

// Inserts nothing where the id is there. Parameters are bound by bind_call.
inline constexpr std::string_view kInsertCall =
    "INSERT INTO calls(id, external_id, started_at, direction, queue, team, agent_ref, language, "
    "customer_tier, labels, sample, agent_name, customer_id, customer_key, duration, legs, "
    "sample_rate_hz, warnings, added_at, sort_at, folded, live, cut, capture, notes, measures) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
    "?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT(id) DO NOTHING";
void bind_call(Statement& insert, const Call& call);

}  // namespace earful::recorder
