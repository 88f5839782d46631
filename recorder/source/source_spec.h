// Which source a person means, from text of the settings:
//
//   tone:440?rate=16000&channels=2         a tone; a channel N sounds at (N + 1) times the pitch
//   file:PATH?speed=20&drift_ppm=200       a WAV file played as if live
//   anything else                          a device, by the name `earful-agent devices` prints, or
//                                          any ALSA name ("hw:1,0")
//
// tone: takes rate, channels, seconds (0: no end), speed, drift_ppm, gaps; file: takes speed,
// drift_ppm, gaps, block_ms. gaps is a list of START_MS-END_MS or START_MS-END_MS:CAUSE parted by
// commas: that stretch is missing, and the next block says so. drift_ppm: the source's own clock
// runs that much faster than the reference clock.
// No thread of its own. Errors: E_SOURCE, one line that names the field and what it may be; of
// make_source() also E_DEVICE (names the nearest devices), E_DISK and those of wav_header.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "recorder/source/live_source.h"
#include "recorder/source/play_clock.h"

namespace earful::recorder {

struct SourceSpec {
  enum class Kind { kTone, kFile, kDevice };
  Kind kind = Kind::kDevice;
  std::string name;  // the path or the device's name
  PlayOptions play;  // for tones and files
  double pitch_hz = 440;
  // What to ask of a device; 0: 48 kHz if it takes that, else as it prefers. One channel is asked
  // of a device that stands for one leg, two of a device that brings both. It may give another
  // rate, never fewer channels.
  int rate_hz = 0;
  int channels = 0;
};

Result<SourceSpec> parse_source(std::string_view text);

// Opens it: a device has given its format when this returns (at most some seconds; a hanging
// device is an error). Any thread; the source then belongs to whoever reads it.
Result<std::unique_ptr<LiveSource>> make_source(const SourceSpec& spec);

}  // namespace earful::recorder
