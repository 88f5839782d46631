#include "base/socket.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/hash.h"

namespace earful {
namespace {

int type_of(SocketKind kind) {
  switch (kind) {
    case SocketKind::kRouter:
      return ZMQ_ROUTER;
    case SocketKind::kDealer:
      return ZMQ_DEALER;
    case SocketKind::kReq:
      return ZMQ_REQ;
    case SocketKind::kRep:
      return ZMQ_REP;
    case SocketKind::kXpub:
      return ZMQ_XPUB;
    case SocketKind::kSub:
      return ZMQ_SUB;
    case SocketKind::kPair:
      return ZMQ_PAIR;
  }
  EARFUL_CHECK(false);
}

void set(void* socket, int option, int value) {
  EARFUL_CHECK(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}

bool set(void* socket, int option, const std::string& text) {
  return zmq_setsockopt(socket, option, text.data(), text.size()) == 0;
}

Error address_error(const std::string& doing) {
  return {"E_ADDRESS", doing + ": " + zmq_strerror(zmq_errno())};
}

}  // namespace

CurveKeys make_curve_keys() {
  // Not zmq_curve_keypair: inside a running server it may close the random source under libzmq.
  std::array<uint8_t, 32> seed;
  fill_random(seed);
  char secret[41];
  EARFUL_CHECK(zmq_z85_encode(secret, seed.data(), seed.size()) != nullptr);
  char public_key[41];
  EARFUL_CHECK(zmq_curve_public(public_key, secret) == 0);
  return {public_key, secret};
}

std::string curve_key_fault(std::string_view key) {
  if (key.size() != 40) {
    return "a key is 40 characters of Z85, this has " + std::to_string(key.size());
  }
  static constexpr std::string_view kAlphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  for (size_t i = 0; i < key.size(); ++i) {
    if (kAlphabet.find(key[i]) == std::string_view::npos) {
      return "character " + std::to_string(i + 1) + " is not Z85";
    }
  }
  std::array<uint8_t, 32> bytes;
  if (!zmq_z85_decode(bytes.data(), std::string(key).c_str())) return "it is not Z85";
  return "";
}

std::optional<std::string> curve_public_of(std::string_view secret_key) {
  if (!curve_key_fault(secret_key).empty()) return std::nullopt;
  char public_key[41];
  if (zmq_curve_public(public_key, std::string(secret_key).c_str()) != 0) return std::nullopt;
  return public_key;
}

std::string curve_key_text(std::string_view raw) {
  if (raw.size() != 32) return "";
  char text[41];
  EARFUL_CHECK(zmq_z85_encode(text, reinterpret_cast<const uint8_t*>(raw.data()), raw.size()));
  return text;
}

SocketContext::SocketContext() : handle_(zmq_ctx_new()) {
  EARFUL_CHECK(handle_ != nullptr);
  zmq_ctx_set(handle_, ZMQ_MAX_SOCKETS, 4096);
}
SocketContext::~SocketContext() { zmq_ctx_term(handle_); }

void Socket::Close::operator()(void* handle) const { zmq_close(handle); }

Result<Socket> Socket::make(const SocketContext& context, const Options& options) {
  Socket socket;
  socket.handle_.reset(zmq_socket(context.handle(), type_of(options.kind)));
  void* raw = socket.handle_.get();
  if (!raw) return Error{"E_SOCKET", std::string("making a socket: ") + zmq_strerror(zmq_errno())};
  set(raw, ZMQ_LINGER, 0);
  set(raw, ZMQ_SNDHWM, options.high_water_mark);
  set(raw, ZMQ_RCVHWM, options.receive_high_water_mark.value_or(options.high_water_mark));
  const int64_t max_bytes = options.max_message_bytes;
  EARFUL_CHECK(zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes) == 0);
  set(raw, ZMQ_HANDSHAKE_IVL, 3000);
  set(raw, ZMQ_HEARTBEAT_IVL, 5000);
  set(raw, ZMQ_HEARTBEAT_TIMEOUT, 15000);
  set(raw, ZMQ_RECONNECT_IVL, 1000);
  set(raw, ZMQ_RECONNECT_IVL_MAX, 10000);
  set(raw, ZMQ_IPV6, 1);
  if (options.kind == SocketKind::kRouter) set(raw, ZMQ_ROUTER_MANDATORY, 1);
  if (options.kind == SocketKind::kXpub) {
    set(raw, ZMQ_XPUB_NODROP, 0);
    if (options.manual_subscriptions) set(raw, ZMQ_XPUB_MANUAL, 1);
  }
  if (options.kind != SocketKind::kXpub && options.kind != SocketKind::kSub) {
    set(raw, ZMQ_IMMEDIATE, 1);
  }
  if (!options.server_secret_key.empty()) {
    set(raw, ZMQ_CURVE_SERVER, 1);
    if (!set(raw, ZMQ_CURVE_SECRETKEY, options.server_secret_key) ||
        !set(raw, ZMQ_ZAP_DOMAIN, options.zap_domain)) {
      return Error{"E_KEY", "using the server key: " + curve_key_fault(options.server_secret_key)};
    }
  }
  if (!options.server_public_key.empty()) {
    if (!set(raw, ZMQ_CURVE_SERVERKEY, options.server_public_key) ||
        !set(raw, ZMQ_CURVE_PUBLICKEY, options.client_keys.public_key) ||
        !set(raw, ZMQ_CURVE_SECRETKEY, options.client_keys.secret_key)) {
      return Error{"E_KEY", "using the keys of this connection: one is not 40 characters of Z85"};
    }
  }
  return socket;
}

Result<void> Socket::bind(const std::string& endpoint) {
  if (zmq_bind(handle(), endpoint.c_str()) == 0) return {};
  return address_error("listening on " + endpoint);
}

Result<void> Socket::connect(const std::string& endpoint) {
  if (zmq_connect(handle(), endpoint.c_str()) == 0) return {};
  return address_error("connecting to " + endpoint);
}

Result<void> Socket::subscribe(std::string_view prefix) {
  if (zmq_setsockopt(handle(), ZMQ_SUBSCRIBE, prefix.data(), prefix.size()) == 0) return {};
  return address_error("subscribing");
}

Result<void> Socket::unsubscribe(std::string_view prefix) {
  if (zmq_setsockopt(handle(), ZMQ_UNSUBSCRIBE, prefix.data(), prefix.size()) == 0) return {};
  return address_error("unsubscribing");
}

Result<void> Socket::unbind() {
  if (zmq_unbind(handle(), endpoint().c_str()) == 0) return {};
  return address_error("closing " + endpoint());
}

std::string Socket::endpoint() const {
  char text[512] = "";
  size_t size = sizeof text;
  zmq_getsockopt(handle(), ZMQ_LAST_ENDPOINT, text, &size);
  return text;
}

bool Socket::send(std::span<const std::string> parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
    if (zmq_send(handle(), parts[i].data(), parts[i].size(), flags) < 0) {
      // Only the first part can be refused; libzmq takes the rest of a message whole.
      return false;
    }
  }
  return true;
}

std::optional<Message> Socket::receive() {
  Message message;
  for (bool more = true; more;) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, handle(), ZMQ_DONTWAIT) < 0) {
      zmq_msg_close(&part);
      return std::nullopt;
    }
    message.parts.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
    more = zmq_msg_more(&part) != 0;
    if (!more) {
      if (const char* user = zmq_msg_gets(&part, "User-Id")) message.user_id = user;
    }
    zmq_msg_close(&part);
  }
  return message;
}

Wake::Wake() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { EARFUL_CHECK(fd_ >= 0); }
Wake::~Wake() { close(fd_); }

void Wake::wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

void Wake::drain() const {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
}

void poll(std::span<const Socket* const> sockets, const Wake* wake,
          std::chrono::milliseconds timeout) {
  std::vector<zmq_pollitem_t> items;
  for (const Socket* socket : sockets) {
    if (socket) items.push_back({socket->handle(), 0, ZMQ_POLLIN, 0});
  }
  if (wake) items.push_back({nullptr, wake->fd(), ZMQ_POLLIN, 0});
  zmq_poll(items.data(), int(items.size()), long(timeout.count()));
}

}  // namespace earful
