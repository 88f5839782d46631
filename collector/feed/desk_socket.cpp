#include "collector/feed/desk_socket.h"

#include <array>

#include "collector/keys/zap.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

}  // namespace

Result<std::unique_ptr<DeskSocket>> DeskSocket::open(const SocketContext& context, Desk desk,
                                                     const std::string& endpoint,
                                                     Counters& counters) {
  EARFUL_ASSIGN(Socket socket,
                Socket::make(context, {.kind = SocketKind::kRouter,
                                       .server_secret_key = desk.keys().server_keys().secret_key,
                                       .zap_domain = std::string(kDeskDomain),
                                       .server_public_key = {},
                                       .client_keys = {},
                                       .high_water_mark = kDeskHighWaterMark}));
  EARFUL_TRY(socket.bind(endpoint));
  return std::unique_ptr<DeskSocket>(new DeskSocket(std::move(socket), std::move(desk), counters));
}

void DeskSocket::run(const std::atomic<bool>& stop, const Wake& wake) {
  const std::array<const Socket*, 1> sockets{&socket_};
  while (!stop) {
    poll(sockets, &wake, 1h);
    wake.drain();
    while (!stop) {
      const auto message = socket_.receive();
      if (!message) break;
      take(*message);
    }
  }
}

void DeskSocket::take(const Message& message) {
  const auto& parts = message.parts;
  // DEALER: peer, request. REQ: peer, empty part, request.
  const bool dealer = parts.size() == 2;
  const bool req = parts.size() == 3 && parts[1].empty();
  if ((!dealer && !req) || parts.back().empty()) {
    ++counters_.messages_malformed;
    return;
  }
  const auto fresh = desk_.keys().refresh();
  const auto identity = desk_.keys().find(message.user_id, wall_now());
  if (!fresh.ok() || !identity.ok() || !*identity) {
    ++counters_.strangers;
    return;
  }
  ++counters_.desk_requests;
  const DeskReply reply = desk_.answer(**identity, parts.back(), wall_now());
  if (std::holds_alternative<Refused>(reply.reply)) ++counters_.desk_refused;
  if (dealer) {
    socket_.send({parts[0], encode(reply)});
  } else {
    socket_.send({parts[0], std::string(), encode(reply)});
  }
}

}  // namespace earful::collector
