#include "collector/intake/intake.h"

#include <array>

#include "base/hash.h"
#include "base/log.h"
#include "collector/keys/zap.h"
#include "collector/store/store_advice.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

}  // namespace

void IntakeMail::put_safe_seqs(std::map<JournalKey, uint64_t> safe) {
  const std::lock_guard lock(mutex_);
  safe_ = std::move(safe);
}

std::optional<std::map<JournalKey, uint64_t>> IntakeMail::take_safe_seqs() {
  const std::lock_guard lock(mutex_);
  return std::exchange(safe_, std::nullopt);
}

Result<std::unique_ptr<Intake>> Intake::open(const SocketContext& context, Parts parts) {
  EARFUL_ASSIGN(Socket socket,
                Socket::make(context, {.kind = SocketKind::kRouter,
                                       .server_secret_key = parts.keys.server_keys().secret_key,
                                       .zap_domain = std::string(kIntakeDomain),
                                       .server_public_key = {},
                                       .client_keys = {},
                                       .high_water_mark = kIntakeHighWaterMark,
                                       .receive_high_water_mark = kIntakeWaitingMessages}));
  EARFUL_TRY(socket.bind(parts.endpoint));
  return std::unique_ptr<Intake>(new Intake(std::move(socket), std::move(parts), random_u64()));
}

Intake::Intake(Socket socket, Parts parts, uint64_t session)
    : socket_(std::move(socket)),
      parts_(std::move(parts)),
      conversations_(parts_.store, parts_.keys, *parts_.counters, session) {}

void Intake::run(const std::atomic<bool>& stop, const Wake& wake) {
  const std::array<const Socket*, 1> sockets{&socket_};
  while (!stop) {
    poll(sockets, &wake, 1h);
    wake.drain();
    ++parts_.counters->writer_turns;
    if (auto safe = parts_.mail->take_safe_seqs()) conversations_.set_safe_seqs(*std::move(safe));
    receive();
    while (conversations_.has_work() && !stop) {
      if (!commit(stop, wake)) return;
      receive();
    }
    if (parts_.mail->take_checkpoint()) {
      if (auto done = parts_.store.checkpoint(); !done.ok()) {
        log_warn("checkpoint failed", {{"error", done.error().message}});
      }
    }
  }
}

// Everything that waits, up to one batch.
void Intake::receive() {
  if (auto fresh = parts_.keys.refresh(); !fresh.ok()) {
    log_error("read keys failed", {{"error", fresh.error().message}});
    poll({}, nullptr, kCommitRetry);
    return;
  }
  // Small messages (Ping, Hello) must not keep a batch open for ever.
  for (size_t i = 0; i < kMaxBatch && conversations_.rows_waiting() < kMaxBatch; ++i) {
    const auto message = socket_.receive();
    if (!message) return;
    take(*message);
  }
}

void Intake::take(const Message& message) {
  const auto identity = parts_.keys.find(message.user_id, wall_now());
  if (!identity.ok() || !*identity || !may_enter(kIntakeDomain, (*identity)->role)) {
    ++parts_.counters->strangers;
    return;
  }
  if (message.parts.size() != 2 || message.parts[1].empty()) {
    ++parts_.counters->messages_malformed;
    return;
  }
  std::vector<Letter> answers;
  conversations_.take(message.parts[0], **identity, message.parts[1],
                      std::chrono::steady_clock::now(), answers);
  send(answers);
}

// False: the store is beyond use.
bool Intake::commit(const std::atomic<bool>& stop, const Wake& wake) {
  while (!stop) {
    std::vector<Letter> answers;
    const auto began = std::chrono::steady_clock::now();
    const auto committed = conversations_.commit(wall_now(), answers);
    const auto took = std::chrono::steady_clock::now() - began;
    conversations_.note_commit_time(std::chrono::duration_cast<std::chrono::milliseconds>(took));
    parts_.counters->holding = committed.ok() ? 0 : 1;  // before anybody can hear of it
    send(answers);
    if (committed.ok()) {
      parts_.committed();
      return true;
    }
    log_error("commit failed", {{"error", committed.error().message}});
    if (is_beyond_use(committed.error())) {
      fatal_ = with_advice(committed.error());
      return false;
    }
    poll({}, &wake, kCommitRetry);
    wake.drain();
    ++parts_.counters->writer_turns;
  }
  return true;
}

void Intake::send(std::vector<Letter>& letters) {
  for (const Letter& letter : letters) {
    const bool sent = socket_.send({letter.peer, encode(letter.message)});
    if (sent && std::holds_alternative<Superseded>(letter.message)) {
      conversations_.superseded_was_heard(letter.peer, std::chrono::steady_clock::now());
    }
  }
  letters.clear();
}

}  // namespace earful::collector
