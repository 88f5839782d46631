// Any Ogg Opus file of one or two channels into PCM, damaged ones too. Decodes at the rate the
// header says was recorded (or the next one Opus knows).
//
// What is salvaged, each with a warning: pages with a wrong CRC, a wrong version or a jump in their
// numbers become silence of the same length; packets that cannot be decoded are concealed; granule
// positions that contradict the samples are ignored, our own count wins; a gain beyond +-12 dB is
// not applied; of several streams the first is read; of chained links the first 64. Errors:
// E_HEADER (a field is named), E_CODEC, E_EMPTY, and those of the sink. No thread of its own.
#pragma once

#include "base/result.h"
#include "recorder/codec/ogg_pages.h"
#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

inline constexpr int kMaxChainedLinks = 64;

Result<void> decode_ogg_opus(ByteSource source, PcmSink& sink);

}  // namespace earful::recorder
