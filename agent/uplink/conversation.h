// Delivery of one journal to one collector, as a passive state machine: messages and time in,
// messages and facts out. No socket, no thread, no clock of its own, so that every order of loss,
// repeat and restart can be played in a test.
//
//   kAway ──connect──► kGreeting ──Welcome──► kSending ──Ack, Pong──► kSending
//     ▲                    │ silent: Hello again  │
//     │                    │ after 2 s, then 15 s │ 15 s silent, other session, HelloPlease
//     └────────────────────┴──────────────────────┘
//
// A message that carries another attempt or session is ignored whole. At most `credit` rows are on
// the way beyond what the store has.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/journal/journal.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "proto/delivery.h"

namespace earful::agent {

// Where the conversation reads the journal; JournalReader in the program.
struct JournalSource {
  std::function<Result<std::vector<JournalRow>>(uint64_t from, size_t max_rows, size_t max_bytes)>
      rows;
  std::function<Result<std::optional<Chain>>(uint64_t seq)> chain_at;
};

class Conversation {
 public:
  enum class Phase { kAway, kGreeting, kSending, kSuperseded };

  // What happened that others must know; taken by take_facts().
  struct Facts {
    std::optional<uint64_t> have_seq;      // the store has rows up to here
    std::optional<std::string> forked;     // why the journal is not the one the store knows
    std::vector<SiteKey> site_keys;        // from a Welcome
    std::optional<std::string> complaint;  // what the collector or we object to, for a person
    bool new_attempt = false;              // drop the connection and call connected() on a new one
  };

  Conversation(StationId station, JournalSource source)
      : station_(station), source_(std::move(source)) {}

  Phase phase() const { return phase_; }
  uint64_t safe_seq() const { return safe_seq_; }
  // Id and epoch of the store that said Welcome.
  const std::string& store() const { return store_; }

  // A new connection: says Hello for the journal as it is now.
  void connected(const JournalHead& head, SteadyTime now);
  void journal_grew(const JournalHead& head) { head_ = head; }
  void receive(std::string_view raw, SteadyTime now);
  // Call at least once a second and after everything else.
  void tick(SteadyTime now);

  // What is to be sent, in order. Give back what the socket would not take with unsent().
  std::vector<std::string> take_messages();
  void unsent(std::vector<std::string> messages);
  Facts take_facts();

 private:
  void on(const Welcome& welcome, SteadyTime now);
  void on(const Ack& ack, SteadyTime now);
  void on(const Pong& pong, SteadyTime now);
  void on(const Fork& fork, SteadyTime now);
  void on(const Superseded& superseded, SteadyTime now);
  void on(const HelloPlease& please, SteadyTime now);
  void say_hello(SteadyTime now);
  bool concerns(uint64_t attempt, uint64_t session) const;
  // False: the chains differ, and the fork is noted.
  bool same_chain(uint64_t have_seq, const Chain& have_chain);
  void progress(uint64_t have_seq, uint32_t credit, SteadyTime now);
  void send_rows(SteadyTime now);
  void give_up(SteadyTime now);

  StationId station_;
  JournalSource source_;
  JournalHead head_;
  Phase phase_ = Phase::kAway;
  uint64_t attempt_ = 0;
  uint64_t session_ = 0;
  uint64_t have_ = 0;
  uint64_t next_ = 1;  // the next row to send
  uint64_t safe_seq_ = 0;
  uint32_t credit_ = 0;
  std::string store_;
  SteadyTime heard_{};  // last valid message
  SteadyTime asked_{};  // when the Hello left
  bool asked_again_ = false;
  SteadyTime pinged_{};
  SteadyTime progressed_{};
  SteadyTime wait_until_{};
  std::vector<std::string> out_;
  Facts facts_;
};

}  // namespace earful::agent
