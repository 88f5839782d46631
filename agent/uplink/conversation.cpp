#include "agent/uplink/conversation.h"

#include <algorithm>

#include "base/hash.h"

namespace earful::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kPingEvery = 5s;
constexpr auto kSilence = 15s;         // three pings unanswered
constexpr auto kHelloAgain = 2s;       // a Welcome takes one commit; by then it was lost
constexpr auto kRewindAfter = 2s;      // rows sent and nothing acknowledged: they were lost
constexpr auto kSupersededWait = 30s;  // long enough for the other to be noticed and stopped
constexpr size_t kRowsPerMessage = 256;
constexpr size_t kBytesPerMessage = 256 * 1024;
constexpr size_t kMessagesPerTurn = 16;  // bounds what one turn reads into memory

}  // namespace

void Conversation::connected(const JournalHead& head, SteadyTime now) {
  head_ = head;
  phase_ = Phase::kGreeting;
  asked_again_ = false;
  say_hello(now);
}

void Conversation::say_hello(SteadyTime now) {
  attempt_ = random_u64();
  session_ = 0;
  heard_ = asked_ = now;
  out_.clear();
  Hello hello;
  hello.station_id = station_;
  hello.journal_id = head_.id;
  hello.attempt = attempt_;
  hello.first_seq = head_.first_seq;
  hello.last_seq = head_.last_seq;
  hello.chain_at_last = head_.last_chain;
  hello.chain_before_first = head_.chain_before_first;
  hello.versions = {kProtocolVersion};
  out_.push_back(encode(StationMessage(hello)));
}

void Conversation::receive(std::string_view raw, SteadyTime now) {
  const auto message = decode_collector_message(raw);
  if (!message.ok()) return;
  std::visit([&](const auto& opened) { on(opened, now); }, *message);
}

bool Conversation::concerns(uint64_t attempt, uint64_t session) const {
  return phase_ == Phase::kSending && attempt == attempt_ && session == session_;
}

bool Conversation::same_chain(uint64_t have_seq, const Chain& have_chain) {
  if (have_seq > head_.last_seq) {
    facts_.forked = "the store has " + std::to_string(have_seq) +
                    " events of this journal, the journal has " + std::to_string(head_.last_seq);
    return false;
  }
  const auto own = source_.chain_at(have_seq);
  if (!own.ok()) {
    facts_.complaint = own.error().message;
    return true;
  }
  // A row that was trimmed after it was safe cannot be compared; everything after it still is.
  if (!own->has_value() && have_seq < head_.first_seq) return true;
  if (own->has_value() && **own == have_chain) return true;
  facts_.forked =
      "the store's event " + std::to_string(have_seq) + " of this journal is another one";
  return false;
}

void Conversation::on(const Welcome& welcome, SteadyTime now) {
  if (phase_ != Phase::kGreeting || welcome.attempt != attempt_) return;
  heard_ = progressed_ = pinged_ = now;
  if (!same_chain(welcome.have_seq, welcome.have_chain)) {
    give_up(now);
    return;
  }
  phase_ = Phase::kSending;
  session_ = welcome.session;
  have_ = welcome.have_seq;
  next_ = have_ + 1;
  safe_seq_ = welcome.safe_seq;
  store_ = welcome.store_id.text() + ":" + std::to_string(welcome.store_epoch);
  credit_ = welcome.credit;
  facts_.have_seq = have_;
  facts_.site_keys = welcome.site_keys;
  send_rows(now);
}

void Conversation::on(const Ack& ack, SteadyTime now) {
  if (!concerns(ack.attempt, ack.session)) return;
  heard_ = now;
  if (ack.have_seq > have_ && !same_chain(ack.have_seq, ack.have_chain)) {
    give_up(now);
    return;
  }
  safe_seq_ = std::max(safe_seq_, ack.safe_seq);
  progress(ack.have_seq, ack.credit, now);
}

void Conversation::on(const Pong& pong, SteadyTime now) {
  if (!concerns(pong.attempt, pong.session)) return;
  heard_ = now;
  if (pong.have_seq <= head_.last_seq) progress(pong.have_seq, credit_, now);
}

void Conversation::progress(uint64_t have_seq, uint32_t credit, SteadyTime now) {
  credit_ = credit;
  if (have_seq > have_) {
    have_ = have_seq;
    next_ = std::max(next_, have_ + 1);
    progressed_ = now;
    facts_.have_seq = have_;
  }
  send_rows(now);
}

void Conversation::on(const Fork& fork, SteadyTime now) {
  if (phase_ == Phase::kAway || fork.attempt != attempt_) return;
  facts_.forked = "the store has event " + std::to_string(fork.have_seq) +
                  " of this journal, and it is not the one here";
  give_up(now);
}

void Conversation::on(const Superseded& superseded, SteadyTime now) {
  if (phase_ == Phase::kAway || superseded.attempt != attempt_) return;
  phase_ = Phase::kSuperseded;
  wait_until_ = now + kSupersededWait;
  out_.clear();
  facts_.complaint =
      "another station connected with the same key; if this folder was copied, give one of the two "
      "its own with `earful-agent join`";
}

void Conversation::on(const HelloPlease& please, SteadyTime now) {
  if (phase_ == Phase::kAway || phase_ == Phase::kSuperseded) return;
  if (please.attempt != attempt_) return;
  if (!please.reason.empty()) facts_.complaint = please.reason;
  give_up(now);
}

void Conversation::give_up(SteadyTime now) {
  phase_ = Phase::kAway;
  out_.clear();
  // A collector that keeps refusing is asked once a second, not in a spin.
  wait_until_ = now + 1s;
}

void Conversation::send_rows(SteadyTime now) {
  for (size_t sent = 0; sent < kMessagesPerTurn; ++sent) {
    const uint64_t on_the_way = next_ - 1 - have_;
    if (next_ > head_.last_seq || on_the_way >= credit_) return;
    const size_t room = std::min<size_t>(kRowsPerMessage, credit_ - on_the_way);
    auto rows = source_.rows(next_, room, kBytesPerMessage);
    if (!rows.ok()) {
      facts_.complaint = rows.error().message;
      return;
    }
    if (rows->empty() || rows->front().seq != next_) return;
    if (on_the_way == 0) progressed_ = now;  // the wait for an answer begins here
    Events events{attempt_, session_, next_, {}};
    for (JournalRow& row : *rows) {
      if (row.seq > head_.last_seq) break;
      events.raw.push_back(std::move(row.raw));
    }
    next_ += events.raw.size();
    out_.push_back(encode(StationMessage(std::move(events))));
  }
}

void Conversation::tick(SteadyTime now) {
  switch (phase_) {
    case Phase::kAway:
    case Phase::kSuperseded:
      if (now >= wait_until_) facts_.new_attempt = true;
      return;
    case Phase::kGreeting:
      if (!out_.empty()) asked_ = now;  // nobody can answer what has not left
      if (!asked_again_ && now - asked_ >= kHelloAgain) {
        // Once only: a collector that is slow answers the second, if it was not the first.
        asked_again_ = true;
        say_hello(now);
      } else if (now - heard_ >= kSilence) {
        give_up(now);
      }
      return;
    case Phase::kSending:
      break;
  }
  if (now - heard_ >= kSilence) {
    give_up(now);
    return;
  }
  if (next_ > have_ + 1 && now - progressed_ >= kRewindAfter) {
    next_ = have_ + 1;
    progressed_ = now;
  }
  send_rows(now);
  if (now - pinged_ >= kPingEvery) {
    pinged_ = now;
    out_.push_back(encode(StationMessage(Ping{attempt_, session_})));
  }
}

std::vector<std::string> Conversation::take_messages() { return std::exchange(out_, {}); }

void Conversation::unsent(std::vector<std::string> messages) {
  messages.insert(messages.end(), std::make_move_iterator(out_.begin()),
                  std::make_move_iterator(out_.end()));
  out_ = std::move(messages);
}

Conversation::Facts Conversation::take_facts() { return std::exchange(facts_, {}); }

}  // namespace earful::agent
