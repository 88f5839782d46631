#include "agent/live/live_past.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "recorder/codec/opus_head.h"
#include "recorder/codec/packet_pair.h"
#include "recorder/frame/frame.h"

namespace earful::agent {
namespace {

using recorder::kFramePositions;
using recorder::OggPage;

// Bisection ends where reading on is as cheap: a few hundred milliseconds of a call.
constexpr int64_t kNearBytes = 16 * 1024;

// Frames that end with this page, for pages that are not the last one (its granule is cut short).
int64_t frames_up_to(const OggPage& page) { return page.granule / kFramePositions; }

bool is_audio(const OggPage& page) { return page.granule > 0; }

}  // namespace

LivePast::LivePast(int fd, int legs) : fd_(fd), legs_(legs) { start_at(0); }
LivePast::~LivePast() { ::close(fd_); }

Result<std::unique_ptr<LivePast>> LivePast::open(const std::filesystem::path& file, int legs) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Error{"E_DISK", "opening " + file.string() + ": " + std::strerror(errno)};
  return std::unique_ptr<LivePast>(new LivePast(fd, legs));
}

void LivePast::start_at(int64_t offset) {
  offset_ = offset;
  assembled_ = recorder::PagePackets();
  const auto read = [this](std::span<char> out) -> size_t {
    const ssize_t got = ::pread(fd_, out.data(), out.size(), off_t(offset_));
    if (got <= 0) return 0;  // what is not there yet may be there at the next call
    offset_ += got;
    return size_t(got);
  };
  pages_ = std::make_unique<recorder::OggPages>(read, recorder::OggTail::kGrows);
}

std::optional<OggPage> LivePast::audio_page() {
  while (auto page = pages_->next()) {
    if (is_audio(*page)) return page;
  }
  return std::nullopt;
}

void LivePast::seek(int64_t frame) {
  wanted_ = frame;
  struct stat info {};
  if (::fstat(fd_, &info) != 0) info.st_size = 0;
  // Every page before `low` ends before the frame; one at or after `high` does not.
  int64_t low = 0, high = info.st_size;
  while (high - low > kNearBytes) {
    const int64_t middle = low + (high - low) / 2;
    start_at(middle);
    const auto page = audio_page();
    if (page && !page->last && frames_up_to(*page) <= frame) {
      low = middle;
    } else {
      high = middle;
    }
  }
  start_at(low);
}

const std::vector<PastPacket>& LivePast::page() {
  found_.clear();
  while (found_.empty()) {
    const auto page = audio_page();
    if (!page) break;
    const auto& packets = assembled_.take(*page, pages_->skipped() > 0);
    // The last page's granule says how much is kept of it, which is less than it holds.
    const int64_t ends =
        page->last ? (page->granule + kFramePositions - 1) / kFramePositions : frames_up_to(*page);
    int64_t frame = ends - int64_t(packets.size());
    for (const std::string& packet : packets) {
      PastPacket one;
      one.frame = frame++;
      if (one.frame < wanted_) continue;
      if (legs_ == 1) {
        one.packets[0] = packet;
      } else if (auto pair = recorder::split_packets(packet)) {
        one.packets[0] = std::move(pair->first);
        one.packets[1] = std::string(pair->second);
      }
      found_.push_back(std::move(one));
    }
  }
  return found_;
}

}  // namespace earful::agent
