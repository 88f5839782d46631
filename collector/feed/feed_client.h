// Reads another collector: every record after a position, in order and without hole. One thread; it
// owns a SUB and a DEALER.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/socket.h"
#include "collector/feed/feed_cursor.h"
#include "collector/feed/upstream.h"

namespace earful::collector {

// The desk did not answer: asked again.
inline constexpr std::chrono::seconds kAskAgain{5};

class FeedClient {
 public:
  static Result<std::unique_ptr<FeedClient>> connect(const Upstream& upstream, StoreId store,
                                                     FeedPosition after);

  // Waits at most that long (or for the wake) for records. E_REFUSED with the desk's own words.
  Result<std::vector<Record>> wait(std::chrono::milliseconds timeout, const Wake* wake);

  const FeedCursor& cursor() const { return cursor_; }
  // Everything the collector has said it has was handed out.
  bool caught_up() const { return answered_ && !cursor_.behind(); }

 private:
  FeedClient(StoreId store, FeedPosition after) : cursor_(store, after) {}
  void ask();

  std::unique_ptr<SocketContext> context_ = std::make_unique<SocketContext>();
  Socket feed_;
  Socket desk_;
  FeedCursor cursor_;
  uint64_t request_id_ = 0;
  std::optional<SteadyTime> asked_;
  bool answered_ = false;
};

}  // namespace earful::collector
