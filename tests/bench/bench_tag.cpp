// One tag at a time through a real station and a real collector:
//
//   bench_tag PORT TOKEN CALL_ID KIND TAGS <reader-invite-line
//
// Posts a tag over one kept connection, waits until it is seen on the feed, posts the next. Prints
// a JSON object: milliseconds from the request to its answer (durable at the station), and from the
// request to the record on the feed (durable in the store, and at every other console).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "proto/feed.h"
#include "tests/bench/guest.h"

namespace earful::bench {
namespace {

int fail(const std::string& why) {
  std::fprintf(stderr, "bench_tag: %s\n", why.c_str());
  return 1;
}

// Just enough HTTP for our own server's answers.
class Connection {
 public:
  explicit Connection(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    open_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The whole answer; "" when the connection ended.
  std::string ask(const std::string& request) {
    if (!open_ || ::send(fd_, request.data(), request.size(), 0) != ssize_t(request.size())) {
      return "";
    }
    std::string answer;
    char buffer[8192];
    for (;;) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return "";
      answer.append(buffer, size_t(got));
      const size_t head = answer.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const size_t length = answer.find("Content-Length: ");
      if (length == std::string::npos || length > head) return "";
      const size_t body = std::strtoull(answer.c_str() + length + 16, nullptr, 10);
      if (answer.size() >= head + 4 + body) return answer;
    }
  }

 private:
  int fd_;
  bool open_ = false;
};

// True once the record of this event was received.
bool wait_for(Socket& feed, const EventId& id) {
  for (const double deadline = now_ms() + 10000; now_ms() < deadline;) {
    const auto message = feed.receive();
    if (!message) {
      const Socket* sockets[] = {&feed};
      poll(sockets, nullptr, std::chrono::milliseconds(1000));
      continue;
    }
    const auto record = decode_record(message->parts.back());
    if (!record.ok()) continue;
    const auto event = decode_event(record->raw);
    if (event.ok() && event->id == id) return true;
  }
  return false;
}

int run(uint16_t port, const std::string& token, const std::string& call, const std::string& kind,
        size_t count, const std::string& invite) {
  const SocketContext context;
  const auto guest = enrol(context, invite, true);
  if (!guest.ok()) return fail(guest.error().message);
  auto feed = guest->connect(context, SocketKind::kSub, guest->invite.feed_port);
  if (!feed.ok() || !feed->subscribe("").ok()) return fail("no feed");
  const Socket* sockets[] = {&*feed};
  poll(sockets, nullptr, std::chrono::milliseconds(5000));  // the first head: we are subscribed

  Connection station(port);
  std::vector<double> durable, seen;
  constexpr size_t kWarm = 20;
  for (size_t i = 0; i < count + kWarm; ++i) {
    const EventId id{make_uuid_v7(wall_now())};
    const std::string body = "{\"event_id\":\"" + id.text() + "\",\"call_id\":\"" + call +
                             "\",\"kind\":\"" + kind + "\",\"position_ms\":1000}";
    const std::string request =
        "POST /api/v1/tags HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
        "\r\nAuthorization: Bearer " + token +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    const double began = now_ms();
    const std::string answer = station.ask(request);
    const double answered = now_ms();
    if (answer.find(" 201 ") == std::string::npos) return fail("the station said: " + answer);
    if (!wait_for(*feed, id)) return fail("a tag did not come on the feed in 10 s");
    if (i < kWarm) continue;
    durable.push_back(answered - began);
    seen.push_back(now_ms() - began);
  }
  std::printf(
      "{\"durable_p50_ms\":%.3f,\"durable_p99_ms\":%.3f,\"seen_p50_ms\":%.3f,\"seen_p99_ms\":%.3f}"
      "\n",
      percentile(durable, 0.5), percentile(durable, 0.99), percentile(seen, 0.5),
      percentile(seen, 0.99));
  return 0;
}

}  // namespace
}  // namespace earful::bench

int main(int argc, char** argv) {
  if (argc != 6) {
    return earful::bench::fail("usage: bench_tag PORT TOKEN CALL_ID KIND TAGS <invite-line");
  }
  std::string invite;
  std::getline(std::cin, invite);
  return earful::bench::run(uint16_t(std::atoi(argv[1])), argv[2], argv[3], argv[4],
                            std::strtoull(argv[5], nullptr, 10), invite);
}
