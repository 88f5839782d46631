#include "collector/keys/zap.h"

#include <array>

#include "base/log.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

// Parts of a ZAP request: version, request id, domain, address, identity, mechanism, credentials.
constexpr size_t kVersion = 0, kRequestId = 1, kDomain = 2, kMechanism = 5, kKey = 6;

}  // namespace

bool may_enter(std::string_view domain, Role role) {
  if (domain == kIntakeDomain) return role == Role::kStation;
  if (domain == kFeedDomain) return role != Role::kEnroll;
  return domain == kDeskDomain;
}

Result<std::unique_ptr<Zap>> Zap::open(const SocketContext& context, Keystore keys,
                                       Counters& counters) {
  EARFUL_ASSIGN(Socket socket, Socket::make(context, {.kind = SocketKind::kRep}));
  EARFUL_TRY(socket.bind("inproc://zeromq.zap.01"));
  return std::unique_ptr<Zap>(new Zap(std::move(socket), std::move(keys), counters));
}

void Zap::run(const std::atomic<bool>& stop, const Wake& wake) {
  const std::array<const Socket*, 1> sockets{&socket_};
  while (!stop) {
    poll(sockets, &wake, 1h);
    while (const auto request = socket_.receive()) answer(*request);
  }
}

void Zap::answer(const Message& request) {
  const auto& parts = request.parts;
  std::string key, status = "400", text = "this key is not let in";
  if (parts.size() > kKey && parts[kVersion] == "1.0" && parts[kMechanism] == "CURVE") {
    key = curve_key_text(parts[kKey]);
    const auto fresh = keys_.refresh();
    const auto identity = keys_.find(key, wall_now());
    if (!fresh.ok() || !identity.ok()) {
      status = "500";
      text = "the keys cannot be read";
      const Error& error = fresh.ok() ? identity.error() : fresh.error();
      log_error("read keys failed", {{"error", error.message}});
    } else if (*identity && may_enter(parts[kDomain], (*identity)->role)) {
      status = "200";
      text = "OK";
    }
  }
  if (status != "200") {
    // A stranger may knock for days: one line in a hundred tells as much.
    if (counters_.handshakes_refused++ % 100 == 0) {
      log_warn("refuse handshake", {{"key", key}, {"status", status}});
    }
  }
  socket_.send({"1.0", parts.size() > kRequestId ? parts[kRequestId] : std::string(), status, text,
                status == "200" ? key : std::string(), ""});
}

}  // namespace earful::collector
