// One listener's stream of a live call (docs/api.md): the head, then the packets from where it
// asked for, as fast as it takes them, then the edge as it moves, then the end. It opens no input
// and holds nothing but its place. HTTP thread only; the feed lives as long as it has readers.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/live/live_feed.h"
#include "agent/live/live_past.h"

namespace earful::agent {

class LiveReader {
 public:
  // from: nothing for the live edge. E_DISK when the file cannot be read and the past was asked
  // for.
  static Result<std::unique_ptr<LiveReader>> open(std::shared_ptr<LiveFeed> feed,
                                                  std::optional<Position> from, HttpWaker waker);
  ~LiveReader();
  LiveReader(const LiveReader&) = delete;
  LiveReader& operator=(const LiveReader&) = delete;

  HttpPull pull(std::string& out);
  // How often it was moved to the edge because it did not read.
  uint64_t moved() const { return moved_; }

 private:
  LiveReader(std::shared_ptr<LiveFeed> feed, HttpWaker waker);
  void give_head(std::string& out);
  void give_notes(std::string& out);
  bool give_ring(std::string& out);
  bool give_past(std::string& out);
  void move_to_edge(std::string& out);

  const std::shared_ptr<LiveFeed> feed_;
  std::unique_ptr<LivePast> past_;  // nothing for one that follows the edge
  int64_t next_ = 0;                // frame
  int64_t edge_at_open_ = 0;
  bool greeted_ = false;
  bool ended_ = false;
  size_t notes_given_ = 0;
  uint64_t moved_ = 0;
};

}  // namespace earful::agent
