#include "recorder/codec/ogg_writer.h"

#include <ogg/ogg.h>

#include "base/check.h"

namespace earful::recorder {

struct OggWriter::Stream {
  explicit Stream(uint32_t serial) { EARFUL_CHECK(ogg_stream_init(&state, int(serial)) == 0); }
  ~Stream() { ogg_stream_clear(&state); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ogg_stream_state state{};
};

OggWriter::OggWriter(const OpusHead& head, uint32_t serial, ByteSink sink)
    : head_(head), sink_(std::move(sink)), stream_(std::make_unique<Stream>(serial)) {}
OggWriter::~OggWriter() = default;
OggWriter::OggWriter(OggWriter&&) noexcept = default;
OggWriter& OggWriter::operator=(OggWriter&&) noexcept = default;

Result<void> OggWriter::flush() {
  ogg_page page;
  while (ogg_stream_flush(&stream_->state, &page) != 0) {
    page_.assign(reinterpret_cast<char*>(page.header), size_t(page.header_len));
    page_.append(reinterpret_cast<char*>(page.body), size_t(page.body_len));
    EARFUL_TRY(sink_(page_));
  }
  on_page_ = 0;
  return {};
}

Result<void> OggWriter::put(std::string_view packet, int64_t granule, bool last) {
  ogg_packet piece{};
  // libogg copies the bytes and never writes to them.
  piece.packet = reinterpret_cast<unsigned char*>(const_cast<char*>(packet.data()));
  piece.bytes = long(packet.size());
  piece.b_o_s = packets_ == 0;
  piece.e_o_s = last;
  piece.granulepos = granule;
  piece.packetno = packets_++;
  EARFUL_CHECK(ogg_stream_packetin(&stream_->state, &piece) == 0);
  ++on_page_;
  // Each header has a page of its own (RFC 7845, 3).
  if (packets_ <= 2 || last || on_page_ == kPacketsPerPage) return flush();
  return {};
}

Result<void> OggWriter::write(std::string_view packet, int samples_48k) {
  if (packets_ == 0) {
    EARFUL_TRY(put(encode_opus_head(head_), 0, false));
    EARFUL_TRY(put(encode_opus_tags(), 0, false));
  }
  if (holds_) EARFUL_TRY(put(held_, granule_, false));
  held_.assign(packet);
  holds_ = true;
  granule_ += samples_48k;
  return {};
}

Result<void> OggWriter::finish(int64_t kept_samples_48k) {
  EARFUL_CHECK(holds_);
  holds_ = false;
  return put(held_, kept_samples_48k + head_.pre_skip, true);
}

}  // namespace earful::recorder
