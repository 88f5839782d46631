// Where a search stands in a call, for the list of calls (docs/api.md). HTTP thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agent/finding/call_texts.h"
#include "agent/http/api_context.h"

namespace earful::agent {

Result<nlohmann::ordered_json> matches_json(ApiContext& context, const recorder::Call& call,
                                            const Sought& sought, const KindNames& names);

}  // namespace earful::agent
