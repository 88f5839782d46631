#include "base/http_gate.h"

#include "base/http_listener.h"
#include "base/http_server.h"

namespace earful {

Result<HttpGate> bind_loopback_gate(uint16_t port, const std::string& flag) {
  HttpGate gate{.connections = kMaxHttpConnections};
  EARFUL_ASSIGN(const HttpListener listener, listen_on_loopback(port, int(gate.connections), flag));
  gate.listener = listener.fd;
  gate.port = listener.port;
  gate.names = loopback_names(gate.port);
  return gate;
}

Result<HttpGate> bind_public_gate(const HttpPublicEntrance& entrance) {
  HttpGate gate{.names = public_names(entrance.origin), .connections = kMaxPublicHttpConnections};
  if (const auto* socket = std::get_if<HttpProxySocket>(&entrance.way)) {
    EARFUL_ASSIGN(UnixListener listener,
                  UnixListener::bind(socket->path, socket->group, int(gate.connections)));
    gate.entrance = HttpEntrance::kProxy;
    gate.listener = listener.release();
    gate.socket.emplace(std::move(listener));
    return gate;
  }
  const auto& address = std::get<HttpTlsAddress>(entrance.way);
  EARFUL_ASSIGN(
      const HttpListener listener,
      listen_on_address(address.address, address.port, int(gate.connections), entrance.flag));
  gate.entrance = HttpEntrance::kNetwork;
  gate.listener = listener.fd;
  gate.tls = &address.files;
  return gate;
}

}  // namespace earful
