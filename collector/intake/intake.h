// The intake thread: one ROUTER that stations speak to, one connection that writes the store.
//
// What arrives while one commit runs is the next batch; never a timer. While the disk refuses,
// nothing is acknowledged and nothing more is read: the stations keep what they have. A store that
// is found corrupt, a disk that fails and a log that was deleted end the program (fatal()), because
// going on would promise what cannot be kept.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/socket.h"
#include "collector/intake/conversations.h"
#include "collector/keys/keystore.h"
#include "collector/setup/address.h"
#include "collector/setup/counters.h"
#include "collector/store/store.h"

namespace earful::collector {

// How often a refused commit is tried again.
inline constexpr auto kCommitRetry = std::chrono::milliseconds(500);
// Credit plus the messages around it; per station, to it.
inline constexpr int kIntakeHighWaterMark = 5000;
// From it: twice the credit in messages as our stations fill them. One that sends singly waits a
// little sooner, and one that means harm makes us hold 32 MiB and not 5 GB.
inline constexpr int kIntakeWaitingMessages = 32;

// From the housekeeper to the intake: a mailbox of one letter, the newest wins. A mutex and not a
// queue because an older letter is worth nothing.
class IntakeMail {
 public:
  void put_safe_seqs(std::map<JournalKey, uint64_t> safe);
  std::optional<std::map<JournalKey, uint64_t>> take_safe_seqs();
  void ask_checkpoint() { checkpoint_ = true; }
  bool take_checkpoint() { return checkpoint_.exchange(false); }

 private:
  std::mutex mutex_;
  std::optional<std::map<JournalKey, uint64_t>> safe_;
  std::atomic<bool> checkpoint_{false};
};

class Intake {
 public:
  struct Parts {
    Store store;
    Keystore keys;
    std::string endpoint;
    Counters* counters = nullptr;
    IntakeMail* mail = nullptr;
    std::function<void()> committed;  // the feed may look; must not block
  };
  static Result<std::unique_ptr<Intake>> open(const SocketContext& context, Parts parts);

  std::string endpoint() const { return plain_endpoint(socket_.endpoint()); }

  // The thread. Ends when `stop` is set and the wake rung, or when the store is beyond use.
  void run(const std::atomic<bool>& stop, const Wake& wake);
  // Why it ended by itself; read after the thread was joined or on_fatal was called.
  const std::optional<Error>& fatal() const { return fatal_; }

 private:
  Intake(Socket socket, Parts parts, uint64_t session);
  void receive();
  void take(const Message& message);
  bool commit(const std::atomic<bool>& stop, const Wake& wake);
  void send(std::vector<Letter>& letters);

  Socket socket_;
  Parts parts_;
  Conversations conversations_;
  std::optional<Error> fatal_;
};

}  // namespace earful::collector
