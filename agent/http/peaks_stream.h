// A call's waveform as JSON, written piece by piece: an hour of two legs is 3 MB of text, which
// nobody needs in memory at once. {"legs":2,"step_ms":20,"peaks":[[min,max,...],...]}, values from
// -1 to 1.
#pragma once

#include <memory>

#include "base/http_message.h"
#include "recorder/codec/peaks.h"

namespace earful::agent {

HttpStream peaks_stream(std::shared_ptr<const recorder::Peaks> peaks);

}  // namespace earful::agent
