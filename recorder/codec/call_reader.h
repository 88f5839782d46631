// Our own calls back into PCM: the two packets of a page's packet are split and each leg has a
// decoder of its own. For making again what is made while encoding. No thread of its own.
// Errors: E_DISK, and those of decode_ogg_opus.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "recorder/codec/measures.h"
#include "recorder/codec/peaks.h"

namespace earful::recorder {

// From the audio alone, decoded at 8 kHz: an hour of two legs takes a second and a half.
Result<Peaks> rebuild_peaks(const std::filesystem::path& audio);

struct CallContent {
  Position duration = 0;
  int legs = 1;
  int sample_rate_hz = 8000;
  Peaks peaks;
  std::optional<Meter> meter;  // has heard all of it
};

// Everything, decoded at the call's own rate.
Result<CallContent> read_call(const std::filesystem::path& audio);

}  // namespace earful::recorder
