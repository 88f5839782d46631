// Ogg pages around Opus packets (RFC 3533, RFC 7845): a page every 200 ms, so that a cut loses a
// fifth of a second and not more. The sink gets whole pages in order; nothing is kept back but the
// last page. No thread of its own; one owner. Errors: those of the sink.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "recorder/codec/opus_head.h"

namespace earful::recorder {

using ByteSink = std::function<Result<void>(std::string_view)>;

inline constexpr int kPacketsPerPage = 10;  // of 20 ms

class OggWriter {
 public:
  // The two header pages are written by the first packet.
  OggWriter(const OpusHead& head, uint32_t serial, ByteSink sink);
  ~OggWriter();
  OggWriter(OggWriter&&) noexcept;
  OggWriter& operator=(OggWriter&&) noexcept;

  // One packet of so many samples at 48 kHz.
  Result<void> write(std::string_view packet, int samples_48k);
  // Ends the stream: a player gives exactly so many samples, pre-skip counted out. Needs a packet.
  Result<void> finish(int64_t kept_samples_48k);

 private:
  struct Stream;
  Result<void> put(std::string_view packet, int64_t granule, bool last);
  Result<void> flush();

  OpusHead head_;
  ByteSink sink_;
  std::unique_ptr<Stream> stream_;
  std::string held_;  // the newest packet, until it is known whether it is the last
  bool holds_ = false;
  std::string page_;
  int64_t granule_ = 0;
  int64_t packets_ = 0;
  int on_page_ = 0;
};

}  // namespace earful::recorder
