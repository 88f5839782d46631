// A scribe without a disk: writes straight into the state and answers at once, or later, or never
// well.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "agent/journal/scribe.h"
#include "agent/state/state.h"

namespace earful::agent {

class FakeScribe : public Scribe {
 public:
  explicit FakeScribe(State state) : state_(std::move(state)) {}

  void append(Event event, SavedAnswer answer) override {
    const std::lock_guard lock(mutex_);
    if (hold) {
      held_.push_back({std::move(event), std::move(answer)});
      return;
    }
    answer(save(std::move(event)));
  }

  void append_made(EventMaker make, SavedAnswer answer) override {
    const std::lock_guard lock(mutex_);
    auto made = make(state_);
    if (!made.ok()) return answer(made.error());
    if (!made->has_value()) return answer(Saved{{}, 0, true});
    answer(save(std::move(**made)));
  }

  // Answers what was held.
  void release() {
    const std::lock_guard lock(mutex_);
    for (auto& [event, answer] : held_) answer(save(std::move(event)));
    held_.clear();
  }
  size_t held() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  std::vector<Event> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  void apply(const Event& event) { (void)save(event); }

  bool hold = false;
  bool disk_full = false;

 private:
  Result<Saved> save(Event event) {
    if (disk_full) return Error{"E_NOT_SAVED", "NOT SAVED: the disk is full; free some space"};
    event.source = StationId{make_uuid_v8("0123456789abcdef")};
    if (const auto known = seqs_.find(event.id); known != seqs_.end()) {
      const Event& before = events_[known->second - 1];
      if (before.payload == event.payload && before.personal.note == event.personal.note) {
        return Saved{event.id, known->second, true};
      }
      return Error{"E_CONFLICT", "another event has this id; use a new one"};
    }
    events_.push_back(event);
    const uint64_t seq = events_.size();
    seqs_[event.id] = seq;
    const std::string raw = encode_event(event);
    EARFUL_ASSIGN(const Event decoded, decode_event(raw));
    EARFUL_TRY(state_.begin());
    EARFUL_TRY(state_.apply_own(decoded, raw, seq));
    EARFUL_TRY(state_.commit());
    return Saved{event.id, seq, false};
  }

  std::mutex mutex_;
  State state_;
  std::vector<Event> events_;
  std::map<EventId, uint64_t> seqs_;
  struct Held {
    Event event;
    SavedAnswer answer;
  };
  std::vector<Held> held_;
};

}  // namespace earful::agent
