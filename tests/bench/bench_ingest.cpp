// Delivers events to a real collector as a station does, over CURVE, and says how fast they were
// acknowledged:
//
//   bench_ingest EVENTS IN_FLIGHT <invite-line
//
// Prints a JSON object: events per second, milliseconds from sending an event to the Ack that
// covers it. Ids are new and ordered, every event is checked, deduplicated and synced before its
// Ack: the collector runs as shipped.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "base/hash.h"
#include "proto/delivery.h"
#include "tests/bench/guest.h"

namespace earful::bench {
namespace {

constexpr size_t kRowsPerMessage = 256;  // agent/uplink/conversation.cpp

int fail(const std::string& why) {
  std::fprintf(stderr, "bench_ingest: %s\n", why.c_str());
  return 1;
}

class Delivery {
 public:
  Delivery(Socket socket, const Guest& guest, size_t in_flight)
      : socket_(std::move(socket)), guest_(guest), in_flight_(in_flight) {}

  Result<void> greet() {
    Hello hello;
    hello.station_id = guest_.station;
    hello.journal_id = JournalId{make_uuid_v4()};
    hello.attempt = attempt_;
    hello.first_seq = 1;
    hello.versions = {kProtocolVersion};
    const std::string bytes = encode(StationMessage(hello));
    for (const double deadline = now_ms() + 10000; now_ms() < deadline;) {
      if (socket_.send({bytes})) break;
      const Socket* sockets[] = {&socket_};
      poll(sockets, nullptr, std::chrono::milliseconds(5));
    }
    for (const double deadline = now_ms() + 10000; now_ms() < deadline;) {
      const auto message = next();
      if (!message) continue;
      if (const auto* welcome = std::get_if<Welcome>(&*message)) {
        session_ = welcome->session;
        return {};
      }
    }
    return Error{"E_AWAY", "no Welcome in 10 s"};
  }

  // Sends all of them and waits for the last Ack.
  void deliver(std::vector<std::string>& raws) {
    std::vector<double> sent_at(raws.size());
    uint64_t sent = 0, have = 0;
    while (have < raws.size()) {
      while (sent < raws.size() && sent - have < in_flight_) {
        const size_t count =
            std::min({kRowsPerMessage, raws.size() - sent, in_flight_ - size_t(sent - have)});
        Events events{attempt_, session_, sent + 1, {}};
        for (size_t i = 0; i < count; ++i) events.raw.push_back(std::move(raws[sent + i]));
        const double now = now_ms();
        if (!socket_.send({encode(StationMessage(std::move(events)))})) break;
        for (size_t i = 0; i < count; ++i) sent_at[sent + i] = now;
        sent += count;
      }
      const auto message = next();
      if (!message) continue;
      if (const auto* ack = std::get_if<Ack>(&*message)) {
        const double now = now_ms();
        for (; have < ack->have_seq; ++have) waits_.push_back(now - sent_at[have]);
      }
    }
  }

  std::vector<double>& waits() { return waits_; }

 private:
  std::optional<CollectorMessage> next() {
    auto message = socket_.receive();
    if (!message) {
      const Socket* sockets[] = {&socket_};
      poll(sockets, nullptr, std::chrono::milliseconds(100));
      message = socket_.receive();
    }
    if (!message) return std::nullopt;
    auto decoded = decode_collector_message(message->parts.back());
    if (!decoded.ok()) return std::nullopt;
    return std::move(*decoded);
  }

  Socket socket_;
  const Guest& guest_;
  const size_t in_flight_;
  uint64_t attempt_ = random_u64();
  uint64_t session_ = 0;
  std::vector<double> waits_;
};

int run(size_t count, size_t in_flight, const std::string& invite) {
  const SocketContext context;
  const auto guest = enrol(context, invite, false);
  if (!guest.ok()) return fail(guest.error().message);
  auto socket = guest->connect(context, SocketKind::kDealer, guest->invite.intake_port);
  if (!socket.ok()) return fail(socket.error().message);
  Delivery delivery(std::move(*socket), *guest, in_flight);
  if (const auto welcome = delivery.greet(); !welcome.ok()) return fail(welcome.error().message);

  std::vector<std::string> raws;
  raws.reserve(count);
  for (size_t i = 0; i < count; ++i) raws.push_back(a_tag(guest->station));
  const size_t bytes = raws[0].size();
  const double began = now_ms();
  delivery.deliver(raws);
  const double took = now_ms() - began;
  std::printf(
      "{\"events\":%zu,\"bytes\":%zu,\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", count,
      bytes, double(count) * 1000 / took, percentile(delivery.waits(), 0.5),
      percentile(delivery.waits(), 0.99));
  return 0;
}

}  // namespace
}  // namespace earful::bench

int main(int argc, char** argv) {
  const auto number = [&](int at) { return argc > at ? std::strtoull(argv[at], nullptr, 10) : 0; };
  std::string invite;
  std::getline(std::cin, invite);
  if (number(1) == 0 || number(2) == 0) {
    return earful::bench::fail("usage: bench_ingest EVENTS IN_FLIGHT <invite-line");
  }
  return earful::bench::run(number(1), number(2), invite);
}
