// How quickly the desk tells a customer's past:
//
//   bench_customer fill FOLDER TAGS CUSTOMERS       makes the store of a collector that is not
//   running bench_customer ask CUSTOMERS REQUESTS <invite-line
//
// fill spreads each customer's tags over calls of four, in random order, as years of calls would.
// ask waits until the collector has read its store, then asks for one random customer after
// another, each beside an empty request to the same socket, which is refused at once: the way there
// and back. Prints a JSON object with milliseconds.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "base/hash.h"
#include "collector/store/store.h"
#include "proto/feed.h"
#include "tests/bench/guest.h"

namespace earful::bench {
namespace {

constexpr size_t kTagsPerCall = 4;
constexpr const char* kKinds[] = {"wrong-charge", "long-wait", "promise-made", "went-beyond"};

int fail(const std::string& why) {
  std::fprintf(stderr, "bench_customer: %s\n", why.c_str());
  return 1;
}

std::string key_of(size_t customer) { return "k1:" + std::to_string(1000000000 + customer); }

CallId call_of(size_t customer, size_t number) {
  return CallId{make_uuid_v8(view(generichash(key_of(customer) + "/" + std::to_string(number))))};
}

Result<void> fill(const std::string& folder, size_t tags, size_t customers) {
  EARFUL_ASSIGN(collector::Store store, collector::Store::open(folder + "/store.db"));
  const collector::JournalKey key{StationId{make_uuid_v4()}, JournalId{make_uuid_v4()}};
  std::mt19937_64 random(1);
  const size_t calls = std::max<size_t>(1, tags / customers / kTagsPerCall);
  std::vector<collector::NewRow> rows;
  for (size_t seq = 1; seq <= tags; ++seq) {
    const size_t customer = random() % customers;
    Event event = *decode_event(a_tag(key.station));
    event.subject = call_of(customer, random() % calls);
    event.personal.customer_key = key_of(customer);
    event.personal.note = "says the fee was taken twice";
    std::get<Tagged>(event.payload).kind = kKinds[random() % std::size(kKinds)];
    rows.push_back({key, seq, encode_event(event)});
    if (rows.size() < collector::kMaxBatch && seq < tags) continue;
    EARFUL_TRY(store.append(rows, wall_now()));
    rows.clear();
  }
  return store.checkpoint();
}

class Asker {
 public:
  explicit Asker(Socket socket) : socket_(std::move(socket)) {}

  Result<DeskReply> ask(decltype(DeskRequest::request) request) {
    const std::string bytes = encode(DeskRequest{++number_, std::move(request)});
    bool sent = false;
    for (const double deadline = now_ms() + 10000; now_ms() < deadline;) {
      if (!sent) sent = socket_.send({bytes});
      const Socket* sockets[] = {&socket_};
      poll(sockets, nullptr, std::chrono::milliseconds(sent ? 1000 : 5));
      if (const auto message = socket_.receive()) return decode_desk_reply(message->parts.back());
    }
    return Error{"E_AWAY", "no answer in 10 s"};
  }

 private:
  Socket socket_;
  uint64_t number_ = 0;
};

Result<void> ask(size_t customers, size_t requests, const std::string& invite) {
  const SocketContext context;
  EARFUL_ASSIGN(const Guest guest, enrol(context, invite, false));
  EARFUL_ASSIGN(Socket socket, guest.connect(context, SocketKind::kDealer, guest.invite.desk_port));
  Asker asker(std::move(socket));
  const double began = now_ms();
  while (true) {
    EARFUL_ASSIGN(const DeskReply reply, asker.ask(GetCustomer{key_of(0)}));
    if (!std::holds_alternative<Refused>(reply.reply)) break;
    poll({}, nullptr, std::chrono::milliseconds(50));
  }
  const double read = now_ms() - began;
  std::mt19937_64 random(2);
  std::vector<double> floor, ours;
  size_t tags = 0;
  for (size_t i = 0; i < requests; ++i) {
    double start = now_ms();
    EARFUL_TRY(asker.ask(std::monostate{}));
    floor.push_back(now_ms() - start);
    const GetCustomer wanted{key_of(random() % customers)};
    start = now_ms();
    EARFUL_ASSIGN(const DeskReply reply, asker.ask(wanted));
    ours.push_back(now_ms() - start);
    const auto* customer = std::get_if<Customer>(&reply.reply);
    if (!customer) return Error{"E_REFUSED", "the desk refused"};
    tags += customer->problems.size() + customer->promises.size();
  }
  std::printf(
      "{\"read_ms\":%.0f,\"tags\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
      "\"floor_p50_ms\":%.3f,\"floor_p99_ms\":%.3f}\n",
      read, double(tags) / double(requests), percentile(ours, 0.5), percentile(ours, 0.99),
      percentile(floor, 0.5), percentile(floor, 0.99));
  return {};
}

}  // namespace
}  // namespace earful::bench

int main(int argc, char** argv) {
  using namespace earful;
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int at) { return argc > at ? std::strtoull(argv[at], nullptr, 10) : 0; };
  Result<void> done;
  if (what == "fill" && argc == 5 && number(3) > 0 && number(4) > 0) {
    done = bench::fill(argv[2], number(3), number(4));
  } else if (what == "ask" && argc == 4 && number(2) > 0 && number(3) > 0) {
    std::string invite;
    std::getline(std::cin, invite);
    done = bench::ask(number(2), number(3), invite);
  } else {
    return bench::fail("usage: bench_customer fill FOLDER TAGS CUSTOMERS | ask CUSTOMERS REQUESTS");
  }
  return done.ok() ? 0 : bench::fail(done.error().message);
}
