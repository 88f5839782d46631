// The feed thread: an XPUB that sends each record once it is committed, [topic, Record], and the
// Head every second and at once for a new subscriber.
//
// It reads committed rows through its own connection after a wake, and none while nobody listens. A
// reader that is too slow loses only its own records (XPUB drops), sees the hole and asks the desk.
// It starts at the head: what came before is the desk's.
//
// A revoked key keeps an open connection, and nothing a subscriber does tells who it is; so the
// socket is closed and bound again on the same port, and only living keys come back.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/socket.h"
#include "collector/feed/subscriptions.h"
#include "collector/keys/keystore.h"
#include "collector/setup/counters.h"
#include "collector/store/store_reader.h"

namespace earful::collector {

inline constexpr auto kHeadEvery = std::chrono::seconds(1);
// A subscriber sends nothing but topics; more than this ends its connection. Above the longest
// message of a CURVE handshake.
inline constexpr int64_t kMaxSubscriberMessageBytes = 1024;
// Records a slow reader may lag behind before it loses some; at 300 bytes each some 3 MB.
inline constexpr int kFeedHighWaterMark = 10000;

class Feed {
 public:
  struct Parts {
    StoreReader reader;
    Keystore keys;
    std::string endpoint;
    Counters* counters = nullptr;
  };
  static Result<std::unique_ptr<Feed>> open(const SocketContext& context, Parts parts);

  const std::string& endpoint() const { return parts_.endpoint; }

  // The thread. The wake means: something was committed, or stop.
  void run(const std::atomic<bool>& stop, const Wake& wake);

 private:
  Feed(const SocketContext& context, Parts parts) : context_(context), parts_(std::move(parts)) {}
  Result<void> bind();
  void rebind_if_revoked(const std::atomic<bool>& stop);
  void take_subscriptions();
  void publish(const std::atomic<bool>& stop);
  void send_head();

  const SocketContext& context_;
  Parts parts_;
  Socket socket_;
  Subscriptions subscriptions_;
  FeedPosition sent_{};
  int64_t revocations_ = 0;
};

}  // namespace earful::collector
