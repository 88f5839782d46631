// The follow thread: keeps a second store equal to another collector's, over its feed and desk. It
// stands where the intake is elsewhere: it is the one writer of this store.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/socket.h"
#include "collector/feed/feed_client.h"
#include "collector/setup/counters.h"
#include "collector/store/store.h"

namespace earful::collector {

class Follower {
 public:
  // E_MIRROR: the store follows another one, or takes events of stations itself.
  static Result<std::unique_ptr<Follower>> open(Store store, const Upstream& upstream,
                                                Counters& counters,
                                                std::function<void()> committed);

  void run(const std::atomic<bool>& stop, const Wake& wake);
  void checkpoint_soon() { checkpoint_ = true; }  // any thread
  const std::optional<Error>& fatal() const { return fatal_; }

 private:
  Follower(Store store, Counters& counters, std::function<void()> committed)
      : store_(std::move(store)), counters_(counters), committed_(std::move(committed)) {}
  bool keep(const std::vector<Record>& records, const std::atomic<bool>& stop, const Wake& wake);

  Store store_;
  std::optional<UpstreamCursor> follows_;
  std::unique_ptr<FeedClient> client_;
  Counters& counters_;
  std::function<void()> committed_;
  std::atomic<bool> checkpoint_{false};
  std::optional<Error> fatal_;
};

}  // namespace earful::collector
