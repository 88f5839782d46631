// What the collector's tests say events with: a station with one journal.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "proto/delivery.h"
#include "proto/event.h"

namespace earful::collector {

inline const WallTime kNoon = *parse_rfc3339("2026-11-16T12:00:00Z");

struct FakeStation {
  StationId id{make_uuid_v4()};
  JournalId journal{make_uuid_v4()};
  std::vector<std::string> rows;  // row 1 first
  std::vector<Chain> chains{Chain{}};

  Event event(Payload payload, WallTime time = kNoon) const {
    Event event;
    event.id = EventId{make_uuid_v7(time)};
    event.source = id;
    event.time = time;
    event.payload = std::move(payload);
    return event;
  }
  // Returns the event's id.
  EventId write(const Event& event) {
    write_raw(encode_event(event));
    return event.id;
  }
  void write_raw(std::string raw) {
    chains.push_back(next_chain(chains.back(), generichash(raw)));
    rows.push_back(std::move(raw));
  }
  EventId tag(std::string kind = "long-wait") { return write(tag_event(std::move(kind))); }
  Event tag_event(std::string kind = "long-wait") const {
    Tagged tagged;
    tagged.kind = std::move(kind);
    Event made = event(tagged);
    made.subject = CallId{make_uuid_v4()};
    made.personal.note = "a note";
    return made;
  }

  Hello hello(uint64_t attempt) const {
    Hello hello;
    hello.station_id = id;
    hello.journal_id = journal;
    hello.attempt = attempt;
    hello.first_seq = 1;
    hello.last_seq = rows.size();
    hello.chain_at_last = chains.back();
    hello.versions = {kProtocolVersion};
    return hello;
  }
  // Rows first..last in one message.
  Events events(uint64_t attempt, uint64_t session, uint64_t first, uint64_t last) const {
    return {attempt,
            session,
            first,
            {rows.begin() + std::ptrdiff_t(first - 1), rows.begin() + std::ptrdiff_t(last)}};
  }
};

}  // namespace earful::collector
