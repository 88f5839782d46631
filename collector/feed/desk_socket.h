// The desk thread: one ROUTER that answers DEALER and REQ peers, envelopes mirrored. Messages of
// keys that may not speak here, and such without the right parts, are dropped and counted.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/socket.h"
#include "collector/feed/desk.h"
#include "collector/setup/address.h"
#include "collector/setup/counters.h"

namespace earful::collector {

// A reader asks for one page at a time; more than this on the way is no reader.
inline constexpr int kDeskHighWaterMark = 100;

class DeskSocket {
 public:
  static Result<std::unique_ptr<DeskSocket>> open(const SocketContext& context, Desk desk,
                                                  const std::string& endpoint, Counters& counters);

  std::string endpoint() const { return plain_endpoint(socket_.endpoint()); }
  void run(const std::atomic<bool>& stop, const Wake& wake);

 private:
  DeskSocket(Socket socket, Desk desk, Counters& counters)
      : socket_(std::move(socket)), desk_(std::move(desk)), counters_(counters) {}
  void take(const Message& message);

  Socket socket_;
  Desk desk_;
  Counters& counters_;
};

}  // namespace earful::collector
