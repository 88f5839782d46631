#include "agent/uplink/desk_trial.h"

#include "base/clock.h"
#include "base/hash.h"
#include "proto/feed.h"

namespace earful::agent {
namespace {

// A refused handshake is not told to who was refused: silence is the answer.
constexpr std::chrono::seconds kDeskWithin{5};

}  // namespace

Result<void> try_desk(const Identity& identity) {
  const CollectorAddress& to = *identity.collector;
  const SocketContext context;
  EARFUL_ASSIGN(Socket desk, Socket::make(context, {.kind = SocketKind::kDealer,
                                                    .server_public_key = to.server_public_key,
                                                    .client_keys = identity.keys}));
  EARFUL_TRY(desk.connect(to.endpoint(to.desk_port)));
  DeskRequest request;
  request.request_id = random_u64();
  request.request = Replay{.after = {}, .limit = 1, .filter = {}};
  const std::string bytes = encode(request);
  const SteadyTime deadline = std::chrono::steady_clock::now() + kDeskWithin;
  bool sent = false;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!sent) sent = desk.send({bytes});
    const Socket* sockets[] = {&desk};
    poll(sockets, nullptr, std::chrono::milliseconds(50));
    const auto message = desk.receive();
    if (message && !message->parts.empty()) return {};  // whatever it says, it talks to us
  }
  return Error{"E_KEY",
               "the collector at " + to.host +
                   " does not let this station in: its key was revoked there, or the collector has "
                   "other keys now; ask for an invite and join again"};
}

}  // namespace earful::agent
