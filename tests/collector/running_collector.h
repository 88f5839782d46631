// A real collector on free ports in a folder of its own, and clients that speak to it.
#pragma once

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "collector/collector.h"
#include "collector/keys/keystore.h"
#include "proto/delivery.h"
#include "proto/feed.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {

class RunningCollector {
 public:
  RunningCollector() { start(); }
  ~RunningCollector() { stop(); }

  void start() {
    auto opened = Collector::open(folder(), {.intake = "tcp://127.0.0.1:0",
                                             .feed = "tcp://127.0.0.1:0",
                                             .desk = "tcp://127.0.0.1:0",
                                             .http_port = 0});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    collector_ = *std::move(opened);
    ASSERT_TRUE(collector_->start([] {}).ok());
  }
  void stop() { collector_.reset(); }

  DataFolder folder() const { return {folder_.path()}; }
  Collector& operator*() { return *collector_; }
  Collector* operator->() { return collector_.get(); }
  Keystore keys() { return *Keystore::open(folder().keys()); }
  CurveKeys admit(const std::string& name, Role role) {
    CurveKeys pair = make_curve_keys();
    EXPECT_TRUE(keys().admit(name, pair.public_key, role, wall_now()).ok());
    return pair;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Collector> collector_;
};

// How long a client waits for what does not come.
constexpr std::chrono::milliseconds kSilence{2000};

// One client socket. Waits for what it expects as long as a machine with other work may need, and
// as long as told for what it does not.
class Client {
 public:
  static constexpr std::chrono::milliseconds kAnswer{20'000};

  Client(RunningCollector& collector, SocketKind kind, const std::string& endpoint,
         const CurveKeys& keys, const std::string& server_key = "") {
    auto made = Socket::make(
        *context_, {.kind = kind,
                    .server_public_key =
                        server_key.empty() ? collector.keys().server_keys().public_key : server_key,
                    .client_keys = keys});
    socket_ = *std::move(made);
    EXPECT_TRUE(socket_.connect(endpoint).ok());
  }

  void send(std::vector<std::string> parts) {
    const auto until = std::chrono::steady_clock::now() + kAnswer;
    while (!socket_.send(parts) && std::chrono::steady_clock::now() < until) {
      poll({}, nullptr, std::chrono::milliseconds(5));
    }
  }
  std::optional<Message> receive(std::chrono::milliseconds wait = kAnswer) {
    const std::array<const Socket*, 1> sockets{&socket_};
    poll(sockets, nullptr, wait);
    return socket_.receive();
  }
  // Says something to the intake and takes the answer.
  std::optional<CollectorMessage> say(const StationMessage& message,
                                      std::chrono::milliseconds wait = kAnswer) {
    send({encode(message)});
    const auto answer = receive(wait);
    if (!answer) return std::nullopt;
    auto decoded = decode_collector_message(answer->parts.at(0));
    return decoded.ok() ? std::optional(*std::move(decoded)) : std::nullopt;
  }
  std::optional<DeskReply> ask(decltype(DeskRequest::request) request) {
    send({encode(DeskRequest{1, std::move(request)})});
    const auto answer = receive();
    if (!answer) return std::nullopt;
    return *decode_desk_reply(answer->parts.back());
  }
  Socket& socket() { return socket_; }

 private:
  std::unique_ptr<SocketContext> context_ = std::make_unique<SocketContext>();
  Socket socket_;
};

}  // namespace earful::collector
