// ZeroMQ sockets, made in one place with every setting our promises rest on. A socket belongs to
// one thread; threads wake each other through Wake, nothing else.
//
// Settings and why: LINGER 0 (the journal is the truth, nothing waits in a socket), MAXMSGSIZE 1
// MiB (unset, a stranger's length field pins memory), HANDSHAKE_IVL 3 s, heartbeats 5/15 s,
// RECONNECT_IVL 1 s up to 10 s, IMMEDIATE 1 (nothing queues for a peer that is not there),
// ROUTER_MANDATORY 1 (an unroutable reply is an error, not a silence), no hand-over (a second peer
// with the same routing id is refused), SNDHWM and RCVHWM above the credit. TCP always carries
// CURVE; ipc and inproc are plain.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace earful {

// A CURVE key pair in Z85 (ZeroMQ RFC 32), 40 characters each.
struct CurveKeys {
  std::string public_key;
  std::string secret_key;
};
CurveKeys make_curve_keys();
// The public half of a secret key; nothing where the text is not 40 characters of Z85.
std::optional<std::string> curve_public_of(std::string_view secret_key);
// "" if the text is a well-formed key; otherwise what is wrong with it, for a person.
std::string curve_key_fault(std::string_view key);

// The Z85 text of a key's 32 bytes; "" for any other length.
std::string curve_key_text(std::string_view raw);

inline constexpr int64_t kMaxMessageBytes = 1 << 20;

class SocketContext {
 public:
  SocketContext();
  ~SocketContext();
  void* handle() const { return handle_; }
  SocketContext(const SocketContext&) = delete;
  SocketContext& operator=(const SocketContext&) = delete;

 private:
  void* handle_;
};

enum class SocketKind { kRouter, kDealer, kReq, kRep, kXpub, kSub, kPair };

struct Message {
  std::vector<std::string> parts;
  std::string user_id;  // what the authenticator vouched for: the peer's public key; "" without one
};

class Socket {
 public:
  struct Options {
    SocketKind kind;
    // Server side of CURVE: its secret key, and the ZAP domain that says who may come in.
    std::string server_secret_key;
    std::string zap_domain;
    // Client side of CURVE: the server's public key and one's own pair.
    std::string server_public_key;
    CurveKeys client_keys;
    int high_water_mark = 10000;  // messages each way
    // Messages of one peer that may wait to be received, where that is fewer. A peer that sends
    // more is not read from until some were taken: nothing is lost, it waits in the peer.
    std::optional<int> receive_high_water_mark;
    // A peer that announces a longer message is cut off before the message is read.
    int64_t max_message_bytes = kMaxMessageBytes;
    // XPUB only: nothing is subscribed until subscribe() is called after the request was received.
    bool manual_subscriptions = false;
  };
  static Result<Socket> make(const SocketContext& context, const Options& options);

  // E_ADDRESS with the endpoint in the message. Port 0 or "*" takes a free one; see endpoint().
  Result<void> bind(const std::string& endpoint);
  Result<void> connect(const std::string& endpoint);
  Result<void> subscribe(std::string_view prefix);
  Result<void> unsubscribe(std::string_view prefix);
  // Stops listening on what the last bind got; the connections made there go on until the end.
  Result<void> unbind();
  std::string endpoint() const;  // what the last bind really got

  // Never blocks. False: it would have blocked or the peer is gone; nothing was sent.
  bool send(std::span<const std::string> parts);
  bool send(std::initializer_list<std::string> parts) {
    return send(std::span<const std::string>(parts.begin(), parts.size()));
  }
  // Never blocks; nothing when nothing waits.
  std::optional<Message> receive();

  void* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Close> handle_;
};

// Lets any thread wake a thread that waits in poll(). Readable once woken, until drain().
class Wake {
 public:
  Wake();
  ~Wake();
  void wake() const;   // any thread, never blocks
  void drain() const;  // the waiting thread
  int fd() const { return fd_; }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

 private:
  int fd_;
};

// Waits until one of the sockets can be read or the wake rings, or the time is over. Returns at
// once for what already waits. Null sockets are passed over.
void poll(std::span<const Socket* const> sockets, const Wake* wake,
          std::chrono::milliseconds timeout);

}  // namespace earful
