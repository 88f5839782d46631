#include "collector/store/judge.h"

#include "proto/event.h"

namespace earful::collector {

Judgement judge(std::string_view raw, const StationId& station) {
  const auto event = decode_event(raw);
  if (!event.ok()) return {event.error().code, std::nullopt, {}};
  Judgement judgement{"", event->id, {}};
  if (event->source != station) {
    judgement.reason = kReasonSource;
  } else if (const auto* erased = std::get_if<Erased>(&event->payload)) {
    judgement.erases = erased->events;
  }
  return judgement;
}

}  // namespace earful::collector
