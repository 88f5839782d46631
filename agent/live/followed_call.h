// A call that another program of this machine records (earful-agent record), as listeners here hear
// it: its growing file is read, and what is in it goes into a LiveFeed like that of a call of our
// own, at the pace of sound although it comes a page at a time. The waveform is decoded, for peaks
// are in nobody's file yet. Paused frames are not marked. No thread of its own; one owner; feed()
// is for any thread.
//
//   file     page       page       page        200 ms each
//   waiting  [.......]  [.......]  [.......]
//   feed     . . . . . . . . . . . . . . . .   20 ms each
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "agent/live/live_feed.h"
#include "agent/live/live_past.h"
#include "base/clock.h"
#include "base/result.h"
#include "recorder/codec/leg_decoder.h"
#include "recorder/library/library.h"

namespace earful::agent {

class FollowedCall {
 public:
  // E_NOT_LIVE: its file has no header yet, or is gone already; E_DISK.
  static Result<std::unique_ptr<FollowedCall>> open(const recorder::Library& library,
                                                    const recorder::Call& call);

  // Gives what is due, and says which notes came since the last time.
  std::vector<recorder::CallNote> follow(SteadyTime now);
  // All that was said until it was opened has been given.
  bool caught_up() const { return caught_up_; }
  // Since when nothing came: a recorder writes five times a second, or is gone.
  SteadyTime grown_at() const { return grown_at_; }
  // The file does not go on where it should: nothing more is given.
  bool broken() const { return broken_; }
  // It is over and everything is in the file; without a length it is as long as what is there.
  void end(std::optional<Position> duration);

  const std::shared_ptr<LiveFeed>& feed() const { return feed_; }

 private:
  FollowedCall(LiveAbout about, std::unique_ptr<LivePast> file, std::filesystem::path notes);
  bool read();
  size_t due(SteadyTime now);
  void give(const PastPacket& packet);
  std::vector<recorder::CallNote> read_notes();

  const std::shared_ptr<LiveFeed> feed_;
  const std::unique_ptr<LivePast> file_;
  const std::filesystem::path notes_file_;
  std::streamoff notes_read_ = 0;  // bytes
  std::deque<PastPacket> waiting_;
  std::vector<recorder::LegDecoder> decoders_;
  std::vector<int16_t> pcm_;
  int64_t next_ = 0;  // frame to be read
  int64_t given_ = 0;
  bool caught_up_ = false;
  bool broken_ = false;
  SteadyTime grown_at_{};
  SteadyTime paced_{};  // until then frames were given
};

}  // namespace earful::agent
