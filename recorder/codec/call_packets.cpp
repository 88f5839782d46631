#include "recorder/codec/call_packets.h"

#include <cerrno>
#include <cstring>

#include "recorder/frame/frame.h"

namespace earful::recorder {
namespace {

constexpr int64_t kNearEnough = 64 << 10;  // bytes that are read rather than bisected

}  // namespace

CallPackets::CallPackets(std::FILE* file) : file_(file) { read_from(0); }

Result<CallPackets> CallPackets::open(const std::filesystem::path& audio) {
  std::FILE* file = std::fopen(audio.c_str(), "rbe");
  if (!file) return Error{"E_DISK", "opening " + audio.string() + ": " + std::strerror(errno)};
  CallPackets call(file);
  const auto page = call.pages_->next();
  if (page) call.packets_ = call.splitter_.take(*page, true);
  if (call.packets_.empty()) {
    return Error{"E_CODEC", "reading " + audio.string() + ": no Ogg Opus in it"};
  }
  EARFUL_ASSIGN(call.head_, parse_opus_head(call.packets_[0]));
  return call;
}

void CallPackets::read_from(int64_t offset) {
  std::fseek(file_.get(), long(offset), SEEK_SET);
  pages_ = std::make_unique<OggPages>([file = file_.get()](std::span<char> out) {
    return std::fread(out.data(), 1, out.size(), file);
  });
  splitter_ = PagePackets();
  packets_.clear();
  at_ = 0;
}

std::optional<int64_t> CallPackets::first_granule_after(int64_t offset) {
  read_from(offset);
  while (const auto page = pages_->next()) {
    if (page->granule >= 0) return page->granule;
  }
  return std::nullopt;
}

void CallPackets::seek(int64_t packet) {
  std::fseek(file_.get(), 0, SEEK_END);
  int64_t low = 0;  // the first page after it ends before the packet
  for (int64_t high = std::ftell(file_.get()); high - low > kNearEnough;) {
    const int64_t middle = low + (high - low) / 2;
    const auto granule = first_granule_after(middle);
    (granule && *granule <= packet * kFramePositions ? low : high) = middle;
  }
  read_from(low);
  next_ = packet;
}

bool CallPackets::read_page() {
  const auto page = pages_->next();
  if (!page) return false;
  at_ += int64_t(packets_.size());
  packets_ = splitter_.take(*page, pages_->skipped() > 0);
  if (page->granule <= 0) {
    packets_.clear();        // a header
  } else if (!page->last) {  // the last page tells where the call ends, inside a packet
    at_ = page->granule / kFramePositions - int64_t(packets_.size());
  }
  return true;
}

std::string CallPackets::next() {
  while (at_ + int64_t(packets_.size()) <= next_ && read_page()) {
  }
  const int64_t place = next_++ - at_;
  const bool there = place >= 0 && place < int64_t(packets_.size());
  return there ? packets_[size_t(place)] : std::string();
}

}  // namespace earful::recorder
