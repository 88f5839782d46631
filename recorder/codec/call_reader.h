// Our own calls back into PCM: the two packets of a page's packet are split and each leg has a
// decoder of its own. For rebuilding peaks, and whoever needs a leg alone. No thread of its own.
// Errors: E_DISK, and those of decode_ogg_opus.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "recorder/codec/peaks.h"

namespace earful::recorder {

// From the audio alone, decoded at 8 kHz: an hour of two legs takes a second and a half.
Result<Peaks> rebuild_peaks(const std::filesystem::path& audio);

}  // namespace earful::recorder
