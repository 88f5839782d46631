// A tag as the API and its event stream show it, one JSON object:
// {"event_id","call_id","kind","position_ms","start_ms","end_ms","note","listener":{"id","name"},
//  "state":"saved"|"delivered","seq","own","retracted","at","queue","team","revisions",
//  "closed_by_leaving"}. at: when it was made; queue and team are the call's. seq is 0 where the
//  open journal has no row
// about it; own: made at this station.
#pragma once

#include <string>

#include "agent/state/state.h"

namespace earful::agent {

std::string tag_json(const TagView& tag);

}  // namespace earful::agent
