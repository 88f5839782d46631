#include "recorder/codec/ogg_pages.h"

#include <ogg/ogg.h>

#include "base/check.h"

namespace earful::recorder {
namespace {

constexpr long kBlockBytes = 16 * 1024;

}  // namespace

struct OggPages::Sync {
  Sync() { ogg_sync_init(&state); }
  ~Sync() { ogg_sync_clear(&state); }
  Sync(const Sync&) = delete;
  Sync& operator=(const Sync&) = delete;
  ogg_sync_state state{};
};

OggPages::OggPages(ByteSource source, OggTail tail)
    : source_(std::move(source)), tail_(tail), sync_(std::make_unique<Sync>()) {}
OggPages::~OggPages() = default;

std::optional<OggPage> OggPages::next() {
  skipped_ = 0;
  ogg_page raw;
  while (true) {
    const long step = ogg_sync_pageseek(&sync_->state, &raw);
    if (step > 0) {
      offset_ = end_;
      end_ += step;
      break;
    }
    if (step < 0) {
      skipped_ -= step;
      end_ -= step;
      continue;
    }
    char* room = ogg_sync_buffer(&sync_->state, kBlockBytes);
    EARFUL_CHECK(room != nullptr);
    const size_t got = source_({room, size_t(kBlockBytes)});
    if (got == 0) {
      if (tail_ == OggTail::kGrows) return std::nullopt;
      if (sync_->state.returned >= sync_->state.fill) return std::nullopt;
      // What begins here claims to reach past the end. It lies or it is torn: good pages may follow
      // inside of it, so go on one byte later, as libogg does after a wrong checksum.
      sync_->state.headerbytes = sync_->state.bodybytes = 0;
      ++sync_->state.returned;
      ++skipped_;
      ++end_;
      continue;
    }
    ogg_sync_wrote(&sync_->state, long(got));
  }
  OggPage page;
  page.serial = uint32_t(ogg_page_serialno(&raw));
  page.sequence = uint32_t(ogg_page_pageno(&raw));
  page.granule = ogg_page_granulepos(&raw);
  page.version = ogg_page_version(&raw);
  page.continued = ogg_page_continued(&raw) != 0;
  page.first = ogg_page_bos(&raw) != 0;
  page.last = ogg_page_eos(&raw) != 0;
  page.lacing = {raw.header + 27, size_t(raw.header[26])};
  page.body = {reinterpret_cast<const char*>(raw.body), size_t(raw.body_len)};
  return page;
}

}  // namespace earful::recorder
