#include <cmath>
#include <optional>

#include "earful/v1/event.pb.h"
#include "proto/event.h"
#include "proto/event_fields.h"
#include "proto/wire.h"

namespace earful {
namespace {

using namespace fields;

CallSnapshot call_of(const v1::Call& from, Faults& faults) {
  CallSnapshot to;
  to.external_id = text_of(from.external_id(), "call.external_id", faults);
  if (from.has_started_at()) to.started_at = time_of(from.started_at(), "call.started_at", faults);
  to.direction = enum_of<Direction>(from.direction(), 2);
  to.queue = text_of(from.queue(), "call.queue", faults);
  to.team = text_of(from.team(), "call.team", faults);
  to.agent_ref = text_of(from.agent_ref(), "call.agent_ref", faults);
  to.language = text_of(from.language(), "call.language", faults);
  to.customer_tier = text_of(from.customer_tier(), "call.customer_tier", faults);
  if (size_t(from.labels_size()) > kMaxLabels) faults.add("E_VALUE", "call.labels has over 16");
  for (const auto& [key, value] : from.labels()) {
    to.labels[text_of(key, "call.labels", faults)] = text_of(value, "call.labels", faults);
  }
  to.sample = from.sample();
  return to;
}

Personal personal_of(const v1::Personal& from, Faults& faults) {
  return {text_of(from.note(), "personal.note", faults, kMaxNoteBytes),
          text_of(from.agent_name(), "personal.agent_name", faults),
          text_of(from.listener_name(), "personal.listener_name", faults),
          text_of(from.customer_key(), "personal.customer_key", faults)};
}

Tagged tagged_of(const v1::Tagged& from, Faults& faults) {
  Tagged to;
  to.kind = name_of(from.kind(), "kind", faults);
  to.pressed = position_of(from.pressed_position(), "pressed_position", faults);
  to.released = position_of(from.released_position(), "released_position", faults);
  to.heard = position_of(from.heard_position(), "heard_position", faults);
  to.start = position_of(from.start_position(), "start_position", faults);
  to.end = position_of(from.end_position(), "end_position", faults);
  if (to.end < to.start) faults.add("E_VALUE", "end_position is before start_position");
  to.playback_rate = rate_of(from.playback_rate(), faults);
  to.live = from.live();
  to.input = enum_of<Input>(from.input(), 3);
  to.closed_by_leaving = from.closed_by_leaving();
  return to;
}

TagRevised revised_of(const v1::TagRevised& from, Faults& faults) {
  TagRevised to;
  to.tag = id_of<EventId>(from.tag(), "tag", faults);
  if (from.has_kind()) to.kind = name_of(from.kind(), "kind", faults);
  if (from.has_start_position()) {
    to.start = position_of(from.start_position(), "start_position", faults);
  }
  if (from.has_end_position()) to.end = position_of(from.end_position(), "end_position", faults);
  to.note_revised = from.note_revised();
  return to;
}

template <class Intervals>
std::vector<Interval> intervals_of(const Intervals& from, Faults& faults) {
  std::vector<Interval> to;
  for (const auto& interval : from) {
    to.push_back({position_of(interval.start_position(), "start_position", faults),
                  position_of(interval.end_position(), "end_position", faults)});
  }
  return to;
}

Listened listened_of(const v1::Listened& from, Faults& faults) {
  Listened to;
  to.listening = id_of<EventId>(from.listening(), "listening", faults);
  to.intervals = intervals_of(from.intervals(), faults);
  to.skipped_silence = intervals_of(from.skipped_silence(), faults);
  to.playback_rate = rate_of(from.playback_rate(), faults);
  to.opened_early = from.opened_early();
  return to;
}

Erased erased_of(const v1::Erased& from, Faults& faults) {
  Erased to;
  for (const std::string& raw : from.events()) {
    to.events.push_back(id_of<EventId>(raw, "events", faults));
  }
  to.reason = text_of(from.reason(), "reason", faults);
  return to;
}

HourPlanned hour_of(const v1::HourPlanned& from, Faults& faults) {
  HourPlanned to;
  to.week = day_of(from.week(), "week", faults);
  to.iso_week = text_of(from.iso_week(), "iso_week", faults);
  to.since = time_of(from.since(), "since", faults);
  to.until = time_of(from.until(), "until", faults);
  to.seed = bytes_of(from.seed(), 32, "seed", faults);
  to.frame_sha256 = bytes_of(from.frame_sha256(), 32, "frame_sha256", faults);
  to.hour_ms = milliseconds_of(from.hour_ms(), "hour_ms", faults);
  to.shortest_ms = milliseconds_of(from.shortest_ms(), "shortest_ms", faults);
  to.longest_ms = milliseconds_of(from.longest_ms(), "longest_ms", faults);
  for (const std::string& name : from.strata())
    to.strata.push_back(name_of(name, "strata", faults));
  to.frame_calls = from.frame_calls();
  to.too_short = from.too_short();
  to.too_long = from.too_long();
  to.unheard = from.unheard();
  to.heard = from.heard();
  for (const auto& stratum : from.drawn_from()) {
    HourStratum added{{}, stratum.calls(), stratum.drawn()};
    for (const std::string& value : stratum.values()) {
      added.values.push_back(text_of(value, "values", faults));
    }
    to.drawn_from.push_back(std::move(added));
  }
  for (const auto& call : from.calls()) {
    if (!(call.probability() >= kLeastProbability && call.probability() <= 1)) {
      faults.add("E_VALUE", "probability is not from 1 in 4,294,967,296 to 1");
    }
    if (!call.heard_before() && call.stratum() >= to.drawn_from.size()) {
      faults.add("E_VALUE", "stratum is none of drawn_from");
    }
    to.calls.push_back({id_of<CallId>(call.call(), "call", faults), call.probability(),
                        call.stratum(), call.heard_before(),
                        milliseconds_of(call.duration_ms(), "duration_ms", faults)});
  }
  to.expected_ms = from.expected_ms();
  to.deviation_ms = from.deviation_ms();
  if (!std::isfinite(to.expected_ms) || !std::isfinite(to.deviation_ms)) {
    faults.add("E_VALUE", "expected_ms or deviation_ms is no number");
  }
  return to;
}

Payload payload_of(const v1::Event& event, Faults& faults) {
  switch (event.payload_case()) {
    case v1::Event::kCallStarted:
      return CallStarted{};
    case v1::Event::kCallUpdated:
      return CallUpdated{};
    case v1::Event::kCallEnded:
      return CallEnded{
          position_of(event.call_ended().duration_position(), "duration_position", faults),
          event.call_ended().legs()};
    case v1::Event::kTagged:
      return tagged_of(event.tagged(), faults);
    case v1::Event::kTagRevised:
      return revised_of(event.tag_revised(), faults);
    case v1::Event::kTagRetracted:
      return TagRetracted{id_of<EventId>(event.tag_retracted().tag(), "tag", faults)};
    case v1::Event::kListenerDefined:
      return ListenerDefined{
          id_of<ListenerId>(event.listener_defined().listener(), "listener", faults)};
    case v1::Event::kListenerMerged:
      return ListenerMerged{id_of<ListenerId>(event.listener_merged().from(), "from", faults),
                            id_of<ListenerId>(event.listener_merged().into(), "into", faults)};
    case v1::Event::kListeningStarted:
      return ListeningStarted{
          id_of<EventId>(event.listening_started().listening(), "listening", faults),
          event.listening_started().live()};
    case v1::Event::kListened:
      return listened_of(event.listened(), faults);
    case v1::Event::kListeningEnded:
      return ListeningEnded{
          id_of<EventId>(event.listening_ended().listening(), "listening", faults)};
    case v1::Event::kTagKindDefined: {
      const auto& from = event.tag_kind_defined();
      name_of(from.kind(), "kind", faults);
      text_of(from.hint(), "hint", faults);
      if (size_t(from.hints_size()) > kMaxLanguages) faults.add("E_VALUE", "hints has over 16");
      for (const auto& [language, hint] : from.hints()) {
        text_of(language, "hints", faults);
        text_of(hint, "hints", faults);
      }
      return TagKindDefined{wire::get_kind(from)};
    }
    case v1::Event::kTagKindMerged:
      return TagKindMerged{name_of(event.tag_kind_merged().from(), "from", faults),
                           name_of(event.tag_kind_merged().into(), "into", faults)};
    case v1::Event::kTagKindRetired:
      return TagKindRetired{name_of(event.tag_kind_retired().kind(), "kind", faults)};
    case v1::Event::kFollowUpOpened:
      return FollowUpOpened{
          id_of<EventId>(event.follow_up_opened().follow_up(), "follow_up", faults),
          name_of(event.follow_up_opened().kind(), "kind", faults),
          id_of<EventId>(event.follow_up_opened().tag(), "tag", faults)};
    case v1::Event::kFollowUpClosed:
      return FollowUpClosed{
          id_of<EventId>(event.follow_up_closed().follow_up(), "follow_up", faults),
          text_of(event.follow_up_closed().outcome(), "outcome", faults),
          event.follow_up_closed().day().empty()
              ? std::string()
              : day_of(event.follow_up_closed().day(), "day", faults)};
    case v1::Event::kAudioGap:
      return AudioGap{event.audio_gap().leg(),
                      position_of(event.audio_gap().start_position(), "start_position", faults),
                      position_of(event.audio_gap().end_position(), "end_position", faults),
                      text_of(event.audio_gap().cause(), "cause", faults),
                      event.audio_gap().own_fault()};
    case v1::Event::kPaused:
      return Paused{position_of(event.paused().start_position(), "start_position", faults),
                    position_of(event.paused().end_position(), "end_position", faults)};
    case v1::Event::kJournalGap:
      return JournalGap{id_of<StationId>(event.journal_gap().station(), "station", faults),
                        id_of<JournalId>(event.journal_gap().journal(), "journal", faults),
                        event.journal_gap().from_seq(), event.journal_gap().to_seq(),
                        text_of(event.journal_gap().reason(), "reason", faults)};
    case v1::Event::kErasedEvents:
      return erased_of(event.erased_events(), faults);
    case v1::Event::kHourPlanned:
      return hour_of(event.hour_planned(), faults);
    case v1::Event::kHourCallSkipped:
      return HourCallSkipped{id_of<EventId>(event.hour_call_skipped().hour(), "hour", faults),
                             event.hour_call_skipped().withdrawn()};
    case v1::Event::kHourCallAdded:
      return HourCallAdded{id_of<EventId>(event.hour_call_added().hour(), "hour", faults)};
    case v1::Event::kHourWords:
      return HourWords{id_of<EventId>(event.hour_words().hour(), "hour", faults)};
    case v1::Event::kWeekTakenOff:
      return WeekTakenOff{day_of(event.week_taken_off().week(), "week", faults),
                          text_of(event.week_taken_off().iso_week(), "iso_week", faults),
                          event.week_taken_off().withdrawn()};
    case v1::Event::PAYLOAD_NOT_SET:
      break;
  }
  return {};
}

// Groups are the only nesting protobuf follows into fields it does not know. Walked with a counter
// instead of a stack, so that depth costs nothing.
bool nested_too_deep(std::string_view raw) {
  constexpr int kMaxDepth = 100;
  int depth = 0;
  size_t at = 0;
  const auto varint = [&]() -> std::optional<uint64_t> {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at < raw.size(); shift += 7) {
      const auto byte = uint8_t(raw[at++]);
      value |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
    return std::nullopt;
  };
  while (at < raw.size()) {
    const auto tag = varint();
    if (!tag) return false;
    switch (*tag & 7) {
      case 0:
        if (!varint()) return false;
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const auto size = varint();
        if (!size || *size > raw.size() - at) return false;
        at += *size;
        break;
      }
      case 3:
        if (++depth > kMaxDepth) return true;
        break;
      case 4:
        --depth;
        break;
      case 5:
        at += 4;
        break;
      default:
        return false;
    }
  }
  return false;
}

Result<v1::Event> parse(std::string_view raw) {
  if (raw.size() > kMaxEventBytes) {
    return Error{"E_SIZE", "reading an event: " + std::to_string(raw.size()) + " bytes, at most " +
                               std::to_string(kMaxEventBytes) + " are taken"};
  }
  v1::Event event;
  if (!event.ParseFromArray(raw.data(), int(raw.size()))) {
    if (nested_too_deep(raw)) return Error{"E_DEPTH", "reading an event: nested over 100 deep"};
    return Error{"E_DECODE", "reading an event: these bytes are not an earful.v1.Event"};
  }
  return event;
}

}  // namespace

Result<Event> decode_event(std::string_view raw) {
  EARFUL_ASSIGN(const v1::Event message, parse(raw));
  if (message.requires_revision() > kSchemaRevision) {
    return Error{"E_NEWER", "reading an event: it needs schema revision " +
                                std::to_string(message.requires_revision()) +
                                ", this program knows " + std::to_string(kSchemaRevision)};
  }
  Faults faults;
  Event event;
  event.id = id_of<EventId>(message.id(), "id", faults);
  event.source = id_of<StationId>(message.source(), "source", faults);
  event.type = text_of(message.type(), "type", faults);
  event.time = time_of(message.time(), "time", faults);
  event.subject = optional_id<CallId>(message.subject(), "subject", faults);
  event.listener = optional_id<ListenerId>(message.listener(), "listener", faults);
  if (message.has_call()) event.call = call_of(message.call(), faults);
  event.personal = personal_of(message.personal(), faults);
  event.erased = message.erased();
  event.payload = payload_of(message, faults);
  const std::string_view known = type_of(event.payload);
  if (event.type.empty()) faults.add("E_TYPE", "type is empty");
  if (!known.empty() && known != event.type) {
    faults.add("E_TYPE", "type says " + event.type + ", the payload is " + std::string(known));
  }
  if (faults.first) return *faults.first;
  return event;
}

Result<std::string> erase_personal(std::string_view raw) {
  EARFUL_ASSIGN(v1::Event message, parse(raw));
  message.clear_personal();
  message.set_erased(true);
  return wire::serialize(message);
}

}  // namespace earful
