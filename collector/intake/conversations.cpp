#include "collector/intake/conversations.h"

#include <algorithm>
#include <span>

#include "base/log.h"

namespace earful::collector {

void Conversations::take(const std::string& peer, const Identity& identity, std::string_view raw,
                         SteadyTime now, std::vector<Letter>& answers) {
  auto message = decode_station_message(raw);
  if (!message.ok()) {
    ++counters_.messages_malformed;
    return;
  }
  if (auto* hello = std::get_if<Hello>(&*message)) {
    take_hello(peer, identity, std::move(*hello), now, answers);
  } else if (auto* events = std::get_if<Events>(&*message)) {
    take_events(peer, identity, std::move(*events), answers);
  } else if (const auto* ping = std::get_if<Ping>(&*message)) {
    take_ping(peer, identity, *ping, answers);
  }
}

void Conversations::take_hello(const std::string& peer, const Identity& identity, Hello hello,
                               SteadyTime now, std::vector<Letter>& answers) {
  if (too_many_hellos(stations_[identity.public_key], now)) {
    ++counters_.hellos_limited;
    return;
  }
  if (std::find(hello.versions.begin(), hello.versions.end(), kProtocolVersion) ==
      hello.versions.end()) {
    answers.push_back({peer, HelloPlease{hello.attempt,
                                         "this collector speaks version 1 only; "
                                         "use a station of the same age"}});
    return;
  }
  const bool empty = hello.last_seq == 0 && hello.first_seq <= 1;
  const bool possible =
      hello.first_seq >= 1 && hello.last_seq <= kMaxSeq && hello.first_seq <= hello.last_seq + 1;
  if (hello.station_id.is_zero() || hello.journal_id.is_zero() || (!empty && !possible)) {
    ++counters_.messages_ignored;
    return;
  }
  if (empty) hello.first_seq = 1;
  hellos_.push_back({peer, identity, std::move(hello)});
}

bool Conversations::too_many_hellos(Station& station, SteadyTime now) {
  while (!station.hellos.empty() && now - station.hellos.front() > kHelloWindow) {
    station.hellos.pop_front();
  }
  if (station.hellos.size() >= size_t(kMaxHellos)) return true;
  station.hellos.push_back(now);
  return false;
}

Conversations::Conversation* Conversations::conversation_of(const std::string& peer,
                                                            const Identity& identity,
                                                            uint64_t attempt, uint64_t session,
                                                            std::vector<Letter>& answers) {
  const auto found = conversations_.find(peer);
  if (found == conversations_.end() || found->second.public_key != identity.public_key) {
    answers.push_back({peer, HelloPlease{attempt, ""}});
    return nullptr;
  }
  Conversation& conversation = found->second;
  if (conversation.attempt != attempt) {
    ++counters_.messages_ignored;
    return nullptr;
  }
  if (conversation.superseded) {
    answers.push_back({peer, Superseded{attempt}});
    return nullptr;
  }
  if (session != session_) {
    ++counters_.messages_ignored;
    return nullptr;
  }
  return &conversation;
}

void Conversations::take_events(const std::string& peer, const Identity& identity, Events events,
                                std::vector<Letter>& answers) {
  const Conversation* conversation =
      conversation_of(peer, identity, events.attempt, events.session, answers);
  if (!conversation) return;
  const uint64_t count = events.raw.size();
  // Longer ones would make records that no reader's socket takes.
  size_t bytes = 0;
  for (const std::string& raw : events.raw) bytes += raw.size();
  if (events.first_seq == 0 || count == 0 || count > kMaxEventsPerMessage ||
      bytes > kMaxEventsMessageBytes || events.first_seq > kMaxSeq) {
    ++counters_.messages_ignored;
    return;
  }
  acks_due_.insert(peer);
  const uint64_t have = have_with_waiting(conversation->journal);
  if (events.first_seq > have + 1) return;  // a hole: the ack says where to go on
  for (uint64_t i = have + 1 - events.first_seq; i < count; ++i) {
    rows_.push_back({conversation->journal, events.first_seq + i, std::move(events.raw[i])});
  }
  const uint64_t last = events.first_seq + count - 1;
  if (last > have) waiting_up_to_[conversation->journal] = last;
}

void Conversations::take_ping(const std::string& peer, const Identity& identity, const Ping& ping,
                              std::vector<Letter>& answers) {
  const Conversation* conversation =
      conversation_of(peer, identity, ping.attempt, ping.session, answers);
  if (!conversation) return;
  const auto state = store_.journal(conversation->journal);
  if (!state.ok()) return;  // silence: the station will try again
  answers.push_back({peer, Pong{ping.attempt, session_, state->have_seq}});
}

uint64_t Conversations::have_with_waiting(const JournalKey& key) {
  if (const auto waiting = waiting_up_to_.find(key); waiting != waiting_up_to_.end()) {
    return waiting->second;
  }
  const auto state = store_.journal(key);
  // Unreadable: as if it had everything, so that no row is taken.
  return state.ok() ? state->have_seq : kMaxSeq * 2;
}

Result<void> Conversations::commit(WallTime wall, std::vector<Letter>& answers) {
  EARFUL_TRY(commit_rows(wall));
  for (const std::string& peer : acks_due_) {
    const auto found = conversations_.find(peer);
    if (found == conversations_.end() || found->second.superseded) continue;
    EARFUL_ASSIGN(const JournalState state, store_.journal(found->second.journal));
    answers.push_back({peer, Ack{found->second.attempt, session_, state.have_seq, state.have_chain,
                                 safe_seq(found->second.journal, state.have_seq), credit()}});
  }
  acks_due_.clear();
  while (!hellos_.empty()) {
    EARFUL_TRY(answer_hello(hellos_.front(), wall, answers));
    hellos_.erase(hellos_.begin());
  }
  return {};
}

Result<void> Conversations::commit_rows(WallTime wall) {
  while (!rows_.empty()) {
    const size_t count = std::min(rows_.size(), kMaxBatch);
    const auto appended = store_.append(std::span(rows_).first(count), wall);
    if (!appended.ok()) {
      ++counters_.commits_failed;
      return appended.error();
    }
    ++counters_.commits;
    counters_.events_stored += appended->stored;
    counters_.events_repeated += appended->repeated;
    counters_.events_quarantined += appended->quarantined;
    if (appended->quarantined > 0) {
      log_warn("quarantine events", {{"count", appended->quarantined}});
    }
    if (appended->ids_reused > 0) {
      ++counters_.alarms;
      log_error("raise alarm", {{"what", "an event id came again with other content"},
                                {"count", appended->ids_reused}});
    }
    rows_.erase(rows_.begin(), rows_.begin() + std::ptrdiff_t(count));
  }
  waiting_up_to_.clear();
  return {};
}

void Conversations::alarm(std::string_view what, const Identity& identity) {
  ++counters_.alarms;
  log_error("raise alarm", {{"what", what}, {"name", identity.name}, {"key", identity.public_key}});
}

// A key speaks for one station id: the one it was enrolled with, or the first it ever says.
bool Conversations::station_is_its_own(const WaitingHello& waiting) {
  const Identity& identity = waiting.identity;
  if (identity.station_id) {
    if (*identity.station_id == waiting.hello.station_id) return true;
  } else if (keys_.bind_station(identity.public_key, waiting.hello.station_id).ok()) {
    return true;
  }
  alarm("a station said it is another", identity);
  return false;
}

// Where both know the chain at the same row, it must be the same; where the station ends before
// what the store has, it is a copy or was rolled back.
bool Conversations::is_fork(const Hello& hello, const JournalState& state) {
  if (hello.last_seq < state.have_seq) return true;
  if (hello.last_seq == state.have_seq && hello.chain_at_last != state.have_chain) return true;
  return hello.first_seq > 1 && hello.first_seq == state.have_seq + 1 &&
         hello.chain_before_first != state.have_chain;
}

Result<void> Conversations::answer_hello(const WaitingHello& waiting, WallTime wall,
                                         std::vector<Letter>& answers) {
  const Hello& hello = waiting.hello;
  if (!station_is_its_own(waiting)) {
    answers.push_back({waiting.peer, HelloPlease{hello.attempt,
                                                 "this key belongs to another "
                                                 "station id; enrol again"}});
    return {};
  }
  const JournalKey key{hello.station_id, hello.journal_id};
  EARFUL_ASSIGN(JournalState state, store_.journal(key));
  const bool forked = is_fork(hello, state);
  if (!forked && hello.first_seq > state.have_seq + 1) {
    EARFUL_TRY(store_.skip_to(key, hello.first_seq, hello.chain_before_first, wall));
    ++counters_.gaps;
    alarm("events of a journal can no longer come", waiting.identity);
    EARFUL_ASSIGN(state, store_.journal(key));
  }
  begin_conversation(waiting, answers);
  if (forked) {
    ++counters_.forks;
    alarm("a journal is not the one known under its id", waiting.identity);
    // Its rows must not be taken: the station opens another journal and says Hello again.
    conversations_.erase(waiting.peer);
    answers.push_back(
        {waiting.peer, Fork{hello.attempt, session_, state.have_seq, state.have_chain}});
    return {};
  }
  answers.push_back(
      {waiting.peer, Welcome{hello.attempt, session_, store_.id(), store_.epoch(), state.have_seq,
                             state.have_chain, safe_seq(key, state.have_seq), credit(),
                             kProtocolVersion, keys_.site_keys()}});
  return {};
}

void Conversations::begin_conversation(const WaitingHello& waiting, std::vector<Letter>& answers) {
  Station& station = stations_[waiting.identity.public_key];
  if (!station.peer.empty() && station.peer != waiting.peer) {
    const auto before = conversations_.find(station.peer);
    if (before != conversations_.end()) {
      ++counters_.superseded;
      before->second.superseded = true;
      answers.push_back({station.peer, Superseded{before->second.attempt}});
      if (station.superseded_peer != waiting.peer) conversations_.erase(station.superseded_peer);
      station.superseded_peer = station.peer;
    }
  }
  if (station.superseded_peer == waiting.peer) station.superseded_peer.clear();
  station.peer = waiting.peer;
  conversations_[waiting.peer] = {waiting.identity.public_key,
                                  {waiting.hello.station_id, waiting.hello.journal_id},
                                  waiting.hello.attempt,
                                  false};
}

void Conversations::superseded_was_heard(const std::string& peer, SteadyTime now) {
  const auto found = conversations_.find(peer);
  if (found == conversations_.end()) return;
  auto& times = stations_[found->second.public_key].superseded;
  while (!times.empty() && now - times.front() > kSupersededWindow) times.pop_front();
  times.push_back(now);
  if (times.size() < 2) return;
  times.clear();
  ++counters_.alarms;
  log_error("raise alarm",
            {{"what", "two stations use one key"}, {"key", found->second.public_key}});
}

uint64_t Conversations::safe_seq(const JournalKey& key, uint64_t have) const {
  const auto safe = safe_seqs_.find(key);
  return safe == safe_seqs_.end() ? 0 : std::min(safe->second, have);
}

}  // namespace earful::collector
