// The collector's half of the delivery protocol, without sockets, threads or clocks: it is handed
// what stations say and tells what to answer. docs/wire.md has the protocol.
//
//   take()    looks at one message. Rows that continue a journal wait; everything else is answered.
//   commit()  makes what waits durable, then acknowledges it, then answers the Hellos that came
//             meanwhile (they must see what was committed).
//
// Nothing is acknowledged that is not committed. After a failed commit the rows wait on: call it
// again. A peer is a routing id of the socket; who it is, is its authenticated identity and never
// what a message claims. Belongs to the intake thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collector/keys/keystore.h"
#include "collector/setup/counters.h"
#include "collector/store/store.h"
#include "proto/delivery.h"

namespace earful::collector {

// Rows a station may have on the way: at 1 ms a commit enough for a million events a second, and
// the most that one station can make us hold.
inline constexpr uint32_t kCredit = 4096;
// While the disk is slow there is no use in having more wait here than at the station.
inline constexpr uint32_t kCreditWhenSlow = 512;
inline constexpr auto kSlowCommit = std::chrono::milliseconds(500);
// A station says Hello once per connection, and retries after a second at the soonest.
inline constexpr int kMaxHellos = 20;
inline constexpr auto kHelloWindow = std::chrono::seconds(10);
// Two live connections with one key, again and again, is a copied key and not a reconnect.
inline constexpr auto kSupersededWindow = std::chrono::seconds(60);
// SQLite counts to 2^63; no honest journal comes near.
inline constexpr uint64_t kMaxSeq = uint64_t(1) << 62;

struct Letter {
  std::string peer;
  CollectorMessage message;
};

class Conversations {
 public:
  // store, keys and counters outlive this.
  Conversations(Store& store, Keystore& keys, Counters& counters, uint64_t session)
      : store_(store), keys_(keys), counters_(counters), session_(session) {}

  void take(const std::string& peer, const Identity& identity, std::string_view raw, SteadyTime now,
            std::vector<Letter>& answers);
  Result<void> commit(WallTime wall, std::vector<Letter>& answers);

  bool has_work() const { return !rows_.empty() || !hellos_.empty() || !acks_due_.empty(); }
  size_t rows_waiting() const { return rows_.size(); }

  // The Superseded really went out: the other connection lives.
  void superseded_was_heard(const std::string& peer, SteadyTime now);

  // Per journal: up to where stations may delete, from the backups that are kept.
  void set_safe_seqs(std::map<JournalKey, uint64_t> safe) { safe_seqs_ = std::move(safe); }
  // How long the last commit took.
  void note_commit_time(std::chrono::milliseconds took) { slow_ = took >= kSlowCommit; }

 private:
  struct Conversation {
    std::string public_key;
    JournalKey journal;
    uint64_t attempt = 0;
    bool superseded = false;
  };
  struct Station {                // what is remembered of one key
    std::string peer;             // of its current conversation
    std::string superseded_peer;  // the last one that lost it
    std::deque<SteadyTime> hellos;
    std::deque<SteadyTime> superseded;
  };
  struct WaitingHello {
    std::string peer;
    Identity identity;
    Hello hello;
  };

  void take_hello(const std::string& peer, const Identity& identity, Hello hello, SteadyTime now,
                  std::vector<Letter>& answers);
  void take_events(const std::string& peer, const Identity& identity, Events events,
                   std::vector<Letter>& answers);
  void take_ping(const std::string& peer, const Identity& identity, const Ping& ping,
                 std::vector<Letter>& answers);
  // The conversation a message belongs to; otherwise what is to be said has been said.
  Conversation* conversation_of(const std::string& peer, const Identity& identity, uint64_t attempt,
                                uint64_t session, std::vector<Letter>& answers);
  Result<void> commit_rows(WallTime wall);
  Result<void> answer_hello(const WaitingHello& waiting, WallTime wall,
                            std::vector<Letter>& answers);
  static bool is_fork(const Hello& hello, const JournalState& state);
  bool station_is_its_own(const WaitingHello& waiting);
  void begin_conversation(const WaitingHello& waiting, std::vector<Letter>& answers);
  bool too_many_hellos(Station& station, SteadyTime now);
  uint64_t have_with_waiting(const JournalKey& key);
  uint64_t safe_seq(const JournalKey& key, uint64_t have) const;
  uint32_t credit() const { return slow_ ? kCreditWhenSlow : kCredit; }
  void alarm(std::string_view what, const Identity& identity);

  Store& store_;
  Keystore& keys_;
  Counters& counters_;
  const uint64_t session_;
  bool slow_ = false;
  std::map<std::string, Conversation> conversations_;  // by peer: two a key at most
  std::map<std::string, Station> stations_;            // by public key: those that were let in
  std::map<JournalKey, uint64_t> safe_seqs_;
  std::vector<NewRow> rows_;
  std::map<JournalKey, uint64_t> waiting_up_to_;  // last seq of each journal among rows_
  std::set<std::string> acks_due_;
  std::vector<WaitingHello> hellos_;
};

}  // namespace earful::collector
