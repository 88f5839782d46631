// The tags of a call in formats of other programs. Pure; any thread. All text is UTF-8; what people
// typed is escaped or cleaned as each format needs, so that a note can end no field, no cue and no
// line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/export/heard_call.h"
#include "base/clock.h"

namespace earful::agent {

enum class ExportFormat {
  kWebVtt,    // W3C WebVTT: a cue a tag
  kAudacity,  // a label track as Audacity imports it: begin, end (seconds), label, by tabs
  kCsv,       // RFC 4180 with a byte order mark, for spreadsheets: a row a tag
  kVcon       // draft-ietf-vcon-vcon-core-04, unsigned, without the sound
};

// By its name in the API and on the command line: webvtt, audacity, csv, vcon.
std::optional<ExportFormat> export_format(std::string_view name);
std::string_view media_type(ExportFormat format);

std::string export_call(const HeardCall& call, ExportFormat format, WallTime now);

// Such as "earful-20261117-1405-1a2b3c4d.vtt": when it began (UTC) and the end of its id. Plain
// ASCII, whatever the call says of itself. extension: "vtt".
std::string export_file_name(const recorder::Call& call, std::string_view extension);
std::string_view file_extension(ExportFormat format);

}  // namespace earful::agent
