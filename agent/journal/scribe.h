// The one writer of a station: it owns the journal and the state, on its own thread, and everything
// that shall happen is a letter to it.
//
// A request is answered only after its event is durable in the journal: what arrives while one
// commit runs is the next batch. Answers are called on the scribe's thread and must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proto/event.h"
#include "proto/feed.h"

namespace earful::agent {

struct Saved {
  EventId id;
  uint64_t seq = 0;
  bool repeated = false;  // the same event was there already; nothing was written
};

// Errors: E_CONFLICT other content under an id that exists; E_NO_TAG no such tag to retract or
// revise; E_NOT_SAVED the disk refused (the message says why): the event is not in the journal.
using SavedAnswer = std::function<void(Result<Saved>)>;

// Something listeners want to see at once. data is one JSON object.
struct Notice {
  std::string
      type;  // "tag", "delivered", "link", "calls", "listeners", "tagbook", "inbox", "alarm"
  std::string data;
};
using NoticeSink = std::function<void(const Notice&)>;  // any thread, must not block

class State;

// Makes an event out of what is known at that moment. Nothing: all is already as it was wanted.
using EventMaker = std::function<Result<std::optional<Event>>(State&)>;

class Scribe {
 public:
  virtual ~Scribe() = default;
  // Any thread. source and type are filled in.
  virtual void append(Event event, SavedAnswer answer) = 0;
  // For what may be refused because of what others do: the event is made on the scribe's thread,
  // with everything sent before in its state. Where there is nothing to append, or an error, that
  // is the answer (repeated, without an id).
  virtual void append_made(EventMaker make, SavedAnswer answer) = 0;
};

}  // namespace earful::agent
