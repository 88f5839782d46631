// The packets of a kept call (20 ms each, both legs in one), from any of them on. The place is
// found by bisection over the pages: one late in a long call costs no more than an early one. No
// thread of its own; one owner. Errors: E_DISK; E_CODEC or E_HEADER for a file that is no call.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/codec/ogg_pages.h"
#include "recorder/codec/opus_head.h"
#include "recorder/codec/page_packets.h"

namespace earful::recorder {

class CallPackets {
 public:
  static Result<CallPackets> open(const std::filesystem::path& audio);

  const OpusHead& head() const { return head_; }

  // 0 is the first packet of the call, its pre-skip included.
  void seek(int64_t packet);
  // The packet after the last one; empty for one that is missing, or after the end.
  std::string next();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit CallPackets(std::FILE* file);
  void read_from(int64_t offset);
  std::optional<int64_t> first_granule_after(int64_t offset);
  bool read_page();

  std::unique_ptr<std::FILE, CloseFile> file_;
  OpusHead head_;
  std::unique_ptr<OggPages> pages_;
  PagePackets splitter_;
  std::vector<std::string> packets_;  // of the newest page
  int64_t at_ = 0;                    // the number, in the call, of the first of these
  int64_t next_ = 0;                  // of the packet that is asked for next
};

}  // namespace earful::recorder
