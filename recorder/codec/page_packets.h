// The packets that end on each page of one Ogg stream. What begins on a lost page or never ends is
// dropped and counted. No thread of its own; one owner; holds at most one packet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recorder/codec/ogg_pages.h"

namespace earful::recorder {

class PagePackets {
 public:
  // Pages in order; what comes back is valid until the next call. after_hole: pages before this one
  // were lost, so a packet that runs into it has no beginning.
  const std::vector<std::string>& take(const OggPage& page, bool after_hole);

  // A packet that runs on past the last page.
  bool unfinished() const { return open_; }
  int64_t dropped() const { return dropped_; }

 private:
  std::vector<std::string> packets_;
  std::string partial_;
  bool open_ = false;      // a packet runs on into the next page
  bool dropping_ = false;  // and it is not kept
  int64_t dropped_ = 0;
};

}  // namespace earful::recorder
