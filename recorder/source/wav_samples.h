// The samples of a WAV file as 16-bit PCM: integers of 8 to 32 bits, float and double, A-law and
// mu-law (ITU-T G.711). A value that is no number becomes silence and one beyond full scale is
// clamped; both are counted in a warning. No thread of its own.
#pragma once

#include "base/result.h"
#include "recorder/source/pcm_sink.h"
#include "recorder/source/wav_header.h"

namespace earful::recorder {

// Not for WavCoding::kGsm, which sound_file.h reads.
Result<void> decode_wav_samples(const ReadAt& read_at, const WavLayout& layout, PcmSink& sink);

int16_t from_a_law(uint8_t code);
int16_t from_mu_law(uint8_t code);

}  // namespace earful::recorder
