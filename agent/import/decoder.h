// Which decoder a recording needs, by what the file looks like. For the decode child
// (recorder/source/recording.h). Errors: E_TYPE (it names what the file looks like), E_EMPTY, and
// those of the decoders.
#pragma once

#include <string>

#include "base/result.h"
#include "recorder/source/pcm_sink.h"

namespace earful::agent {

// The decoder for the file of that name; the name only matters where it promises Ogg.
recorder::Decoder decoder_for(const std::string& file_name);

}  // namespace earful::agent
