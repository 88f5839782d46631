// What is left of a call's Ogg Opus file after a cut: which of its pages are whole, and a whole
// file made of them. Knows the files OggWriter makes and no others: a header page, a page of tags,
// then ten packets of 20 ms a page, so that a page's number says where in the call it stands. A
// page that says anything else is not believed, whatever its checksum.
//
// Zeros, garbage and half pages are passed over. Where later pages are whole, what is missing
// before them becomes silence of the same length: time never shifts. No state; any thread. Errors:
// those of the sink.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "recorder/codec/ogg_pages.h"
#include "recorder/codec/ogg_writer.h"
#include "recorder/codec/opus_head.h"
#include "recorder/codec/voice_activity.h"

namespace earful::recorder {

// Pages that may be missing in a row, five minutes. What claims more is no page of this call.
inline constexpr uint32_t kMaxMissingPages = 1500;

struct Salvage {
  std::optional<OpusHead> head;  // where its page is whole
  uint32_t serial = 0;
  Position duration = 0;       // 0: there is no audio
  bool ended = false;          // the last page ends the stream: nothing was cut off
  std::vector<Stretch> holes;  // silence will stand there
  // The file is right up to last_end and only its tail, if any, has to go.
  bool in_place = true;
  int64_t last_begin = 0, last_end = 0;  // of the last page in the file
};

// expected: the layout of the call, which stands in for a lost header.
Salvage look_for_pages(ByteSource file, const OpusHead& expected);

// A page with the mark that ends the stream, and its checksum.
std::string as_last_page(std::string_view page);

// The same file without its damage; for what cannot be mended in place.
Result<void> write_salvaged(ByteSource file, const OpusHead& head, const Salvage& found,
                            ByteSink sink);

}  // namespace earful::recorder
