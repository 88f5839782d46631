// A recording being read by a child process, so that a decoder that crashes, spins or eats memory
// is an error line here and nothing more. The child gets what the file's size allows: memory,
// processor time, no new files. It is forked, not started anew: open recordings only in a process
// with one thread.
//
// One owner. Samples are interleaved, 16 bits. Errors: those of the decoder; E_DECODER the child
// died (the message says how); E_LONG over a day of audio; E_DISK.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

class Recording {
 public:
  // fd stays the caller's; file_bytes sets the child's limit of processor time.
  static Result<Recording> open(int fd, int64_t file_bytes, const Decoder& decoder);

  Recording(Recording&& other) noexcept;
  Recording& operator=(Recording&&) = delete;
  ~Recording();

  const PcmFormat& format() const { return format_; }
  // The next block, valid until the next call; empty at the end.
  Result<std::span<const int16_t>> read();
  // What was salvaged; complete at the end.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Recording(pid_t child, int pipe) : child_(child), pipe_(pipe) {}

  // One message of the child: its kind, and what it says in body_.
  Result<char> receive();
  bool fill(char* out, size_t count) const;
  Error died();
  Error told() const;

  pid_t child_;
  int pipe_;
  PcmFormat format_;
  std::vector<int16_t> body_;  // samples, or text in the same bytes
  size_t body_bytes_ = 0;
  std::vector<std::string> warnings_;
  int64_t samples_ = 0;
  bool ended_ = false;
};

}  // namespace earful::recorder
