// What was said earlier in a call that goes on: packets from any place, out of the growing file of
// Ogg pages. The place is found by bisection over the pages' granules, so nothing about the file is
// kept in memory, and a page that is only half written yet is read when it is whole. One owner; no
// thread of its own.
//
// Errors: E_DISK.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/codec/ogg_pages.h"
#include "recorder/codec/page_packets.h"

namespace earful::agent {

struct PastPacket {
  int64_t frame = 0;  // the first packet of the call is 0
  std::array<std::string, 2> packets;
};

class LivePast {
 public:
  static Result<std::unique_ptr<LivePast>> open(const std::filesystem::path& file, int legs);
  ~LivePast();
  LivePast(const LivePast&) = delete;
  LivePast& operator=(const LivePast&) = delete;

  // The next call of page() gives the page that holds this frame, or the first one after it.
  void seek(int64_t frame);
  // The packets of the next page, valid until the next call; empty when no whole page follows yet.
  const std::vector<PastPacket>& page();

 private:
  LivePast(int fd, int legs);
  void start_at(int64_t offset);
  std::optional<recorder::OggPage> audio_page();

  const int fd_;
  const int legs_;
  int64_t offset_ = 0;  // where the next read is
  std::unique_ptr<recorder::OggPages> pages_;
  recorder::PagePackets assembled_;
  std::vector<PastPacket> found_;
  int64_t wanted_ = 0;
};

}  // namespace earful::agent
