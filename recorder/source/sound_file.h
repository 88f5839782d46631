// What libsndfile reads: FLAC, MP3, Ogg Vorbis, AIFF, AU, CAF, W64 and GSM in WAV. Its decoders
// meet hostile files: run this in a decode child (decode_child.h), never in a process that matters.
// Errors: E_CODEC, E_HEADER (rate or channels), E_EMPTY. No thread of its own.
#pragma once

#include "base/result.h"
#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

Result<void> decode_sound_file(int fd, PcmSink& sink);

}  // namespace earful::recorder
