// What the machine itself can do, so that our figures are ratios of one run:
//
//   bench_floor sync DIR         append 4 KiB to a pre-written file and fdatasync, ms
//   bench_floor roundtrip        200 bytes there and back over CURVE on loopback, ms
//   bench_floor curve EVENTS     acknowledged 200-byte messages per second, 1,000 in flight, CURVE
//   bench_floor sqlite DIR EVENTS  inserts per second: batches of 1,024, WAL, synchronous=FULL,
//                                ordered 16-byte ids under a unique index, 280 bytes each
//
// Prints a JSON object.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "base/sqlite.h"
#include "tests/bench/guest.h"

namespace earful::bench {
namespace {

int fail(const std::string& why) {
  std::fprintf(stderr, "bench_floor: %s\n", why.c_str());
  return 1;
}

int sync(const std::filesystem::path& dir) {
  constexpr int kRounds = 400, kBlock = 4096;
  const auto path = dir / "bench-sync";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail("cannot write " + path.string());
  const std::string block(kBlock, 'x');
  std::vector<double> times;
  bool fine = true;
  for (int i = 0; i < kRounds; ++i) fine = ::write(fd, block.data(), kBlock) == kBlock && fine;
  fine = ::fsync(fd) == 0 && fine;
  for (int i = 0; i < kRounds; ++i) {
    const double began = now_ms();
    fine = ::pwrite(fd, block.data(), kBlock, off_t(i) * kBlock) == kBlock && fine;
    fine = ::fdatasync(fd) == 0 && fine;
    times.push_back(now_ms() - began);
  }
  ::close(fd);
  std::filesystem::remove(path);
  if (!fine) return fail("the disk failed under " + path.string());
  std::printf("{\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", percentile(times, 0.5),
              percentile(times, 0.99));
  return 0;
}

// A CURVE server and its client in one process; no authenticator: any key may come in.
struct Pair {
  SocketContext context;
  CurveKeys server_keys = make_curve_keys();
  Socket server, client;

  Result<void> open() {
    EARFUL_ASSIGN(server, Socket::make(context, {.kind = SocketKind::kRouter,
                                                 .server_secret_key = server_keys.secret_key,
                                                 .zap_domain = "bench"}));
    EARFUL_TRY(server.bind("tcp://127.0.0.1:*"));
    EARFUL_ASSIGN(client, Socket::make(context, {.kind = SocketKind::kDealer,
                                                 .server_public_key = server_keys.public_key,
                                                 .client_keys = make_curve_keys()}));
    return client.connect(server.endpoint());
  }
};

Message wait_for(Socket& socket) {
  for (;;) {
    if (auto message = socket.receive()) return std::move(*message);
    const Socket* sockets[] = {&socket};
    poll(sockets, nullptr, std::chrono::milliseconds(1000));
  }
}

void send_until_taken(Socket& socket, std::span<const std::string> parts) {
  while (!socket.send(parts)) std::this_thread::yield();
}

// Sends everything back until an empty message comes.
void echo(Socket& server) {
  for (;;) {
    const Message message = wait_for(server);
    if (message.parts.back().empty()) return;
    send_until_taken(server, message.parts);
  }
}

int roundtrip() {
  Pair pair;
  if (!pair.open().ok()) return fail("no sockets");
  std::thread other([&] { echo(pair.server); });
  const std::string message(200, 'x');
  std::vector<double> times;
  for (int i = 0; i < 5500; ++i) {
    const double began = now_ms();
    send_until_taken(pair.client, {&message, 1});
    wait_for(pair.client);
    if (i >= 500) times.push_back(now_ms() - began);
  }
  const std::string end;
  send_until_taken(pair.client, {&end, 1});
  other.join();
  std::printf("{\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", percentile(times, 0.5),
              percentile(times, 0.99));
  return 0;
}

int curve(size_t count) {
  constexpr size_t kInFlight = 1000;
  Pair pair;
  if (!pair.open().ok()) return fail("no sockets");
  std::thread other([&] { echo(pair.server); });
  const std::string message(200, 'x');
  send_until_taken(pair.client, {&message, 1});
  wait_for(pair.client);
  const double began = now_ms();
  for (size_t sent = 0, got = 0; got < count;) {
    while (sent < count && sent - got < kInFlight && pair.client.send({&message, 1})) ++sent;
    wait_for(pair.client);
    ++got;
    while (got < sent && pair.client.receive()) ++got;
  }
  const double took = now_ms() - began;
  const std::string end;
  send_until_taken(pair.client, {&end, 1});
  other.join();
  std::printf("{\"per_second\":%.0f}\n", double(count) * 1000 / took);
  return 0;
}

Result<double> insert_all(const std::filesystem::path& path, size_t count) {
  constexpr size_t kBatch = 1024;
  EARFUL_ASSIGN(Database db, Database::open(path, {.auto_checkpoint = false, .cache_kib = 16384}));
  EARFUL_TRY(
      db.execute("CREATE TABLE events(feed_seq INTEGER PRIMARY KEY, event_id BLOB, raw BLOB);"
                 "CREATE UNIQUE INDEX event_ids ON events(event_id)"));
  EARFUL_ASSIGN(Statement insert, db.prepare("INSERT INTO events VALUES(?1, ?2, ?3)"));
  std::vector<EventId> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(EventId{make_uuid_v7(wall_now())});
  const std::string raw(280, 'x');
  const double began = now_ms();
  for (size_t i = 0; i < count;) {
    EARFUL_TRY(db.begin());
    for (size_t end = std::min(count, i + kBatch); i < end; ++i) {
      insert.bind(1, int64_t(i + 1)).bind_blob(2, ids[i].raw()).bind_blob(3, raw);
      EARFUL_TRY(insert.run());
    }
    EARFUL_TRY(db.commit());
  }
  return now_ms() - began;
}

int sqlite(const std::filesystem::path& dir, size_t count) {
  const auto path = dir / "bench-sqlite.db";
  const auto took = insert_all(path, count);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path.string() + suffix);
  }
  if (!took.ok()) return fail(took.error().message);
  std::printf("{\"per_second\":%.0f}\n", double(count) * 1000 / *took);
  return 0;
}

}  // namespace
}  // namespace earful::bench

int main(int argc, char** argv) {
  using namespace earful::bench;
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int at) { return argc > at ? std::strtoull(argv[at], nullptr, 10) : 0; };
  if (what == "sync" && argc == 3) return sync(argv[2]);
  if (what == "roundtrip" && argc == 2) return roundtrip();
  if (what == "curve" && number(2) > 0) return curve(number(2));
  if (what == "sqlite" && number(3) > 0) return sqlite(argv[2], number(3));
  return fail("usage: bench_floor sync DIR | roundtrip | curve EVENTS | sqlite DIR EVENTS");
}
