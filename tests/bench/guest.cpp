#include "tests/bench/guest.h"

#include <algorithm>
#include <chrono>

#include "base/hash.h"
#include "proto/feed.h"

namespace earful::bench {
namespace {

constexpr std::chrono::milliseconds kAnswerWithin{10000};

}  // namespace

Result<Socket> Guest::connect(const SocketContext& context, SocketKind kind, uint16_t port) const {
  EARFUL_ASSIGN(Socket socket, Socket::make(context, {.kind = kind,
                                                      .server_public_key = invite.server_public_key,
                                                      .client_keys = keys}));
  EARFUL_TRY(socket.connect(invite.endpoint(port)));
  return socket;
}

Result<Guest> enrol(const SocketContext& context, std::string_view invite, bool reader) {
  EARFUL_ASSIGN(const InviteLine line, parse_invite(invite));
  Guest guest{line, make_curve_keys(), StationId{make_uuid_v4()}};
  const auto own = curve_public_of(line.enrolment_secret_key);
  if (!own) return Error{"E_INVITE", "enrolling: the invite's last key is not one"};
  EARFUL_ASSIGN(Socket desk, (Guest{line, {*own, line.enrolment_secret_key}, {}}.connect(
                                 context, SocketKind::kReq, line.desk_port)));
  DeskRequest request;
  request.request_id = random_u64();
  request.request =
      Enroll{"", guest.keys.public_key, reader ? std::nullopt : std::optional(guest.station)};
  const std::string bytes = encode(request);
  const double deadline = now_ms() + double(kAnswerWithin.count());
  for (bool sent = false; now_ms() < deadline;) {
    if (!sent) sent = desk.send({bytes});
    const Socket* sockets[] = {&desk};
    poll(sockets, nullptr, std::chrono::milliseconds(20));
    const auto message = desk.receive();
    if (!message) continue;
    const auto reply = decode_desk_reply(message->parts.back());
    if (reply.ok() && std::holds_alternative<Enrolled>(reply->reply)) return guest;
    return Error{"E_REFUSED", "enrolling: the collector refused"};
  }
  return Error{"E_AWAY", "enrolling: no answer in 10 s"};
}

std::string a_tag(const StationId& station) {
  static const CallId call{make_uuid_v4()};
  static const ListenerId listener{make_uuid_v4()};
  Event event;
  event.id = EventId{make_uuid_v7(wall_now())};
  event.source = station;
  event.time = wall_now();
  event.subject = call;
  event.listener = listener;
  event.call = CallSnapshot{.external_id = "20261122-0001734",
                            .started_at = wall_now(),
                            .direction = Direction::kInbound,
                            .queue = "billing",
                            .team = "north",
                            .agent_ref = "a-1031",
                            .language = "en"};
  event.payload = Tagged{.kind = "repeat-call",
                         .pressed = 4800000,
                         .released = 4800000,
                         .heard = 4795200,
                         .start = 4560000,
                         .end = 4800000,
                         .input = Input::kKey};
  return encode_event(event);
}

double percentile(std::vector<double>& samples, double share) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  return samples[std::min(samples.size() - 1, size_t(share * double(samples.size())))];
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace earful::bench
