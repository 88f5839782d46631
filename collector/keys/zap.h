// The authenticator behind every CURVE socket (ZeroMQ RFC 27), on its own thread: bound on
// inproc://zeromq.zap.01 before any other socket is, because without it CURVE lets every key in.
//
// It acts at the handshake only; whoever receives a message looks the key up again, so that a
// revoked key ends at once. The user id of a connection is its public key in Z85.
//
//   domain   station  reader  enroll
//   intake      x
//   feed        x        x
//   desk        x        x       x
#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/socket.h"
#include "collector/keys/keystore.h"
#include "collector/setup/counters.h"

namespace earful::collector {

inline constexpr std::string_view kIntakeDomain = "intake";
inline constexpr std::string_view kFeedDomain = "feed";
inline constexpr std::string_view kDeskDomain = "desk";

bool may_enter(std::string_view domain, Role role);

class Zap {
 public:
  static Result<std::unique_ptr<Zap>> open(const SocketContext& context, Keystore keys,
                                           Counters& counters);

  // The thread: until the stop flag is set and the wake rung.
  void run(const std::atomic<bool>& stop, const Wake& wake);

 private:
  Zap(Socket socket, Keystore keys, Counters& counters)
      : socket_(std::move(socket)), keys_(std::move(keys)), counters_(counters) {}
  void answer(const Message& request);

  Socket socket_;
  Keystore keys_;
  Counters& counters_;
};

}  // namespace earful::collector
