#include "proto/event.h"

#include <iterator>

#include "earful/v1/event.pb.h"
#include "proto/wire.h"

namespace earful {
namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overload(Cases...) -> Overload<Cases...>;

void put(const CallSnapshot& from, v1::Call& to) {
  to.set_external_id(from.external_id);
  if (from.started_at) wire::put_time(*from.started_at, *to.mutable_started_at());
  to.set_direction(v1::Direction(from.direction));
  to.set_queue(from.queue);
  to.set_team(from.team);
  to.set_agent_ref(from.agent_ref);
  to.set_language(from.language);
  to.set_customer_tier(from.customer_tier);
  for (const auto& [key, value] : from.labels) (*to.mutable_labels())[key] = value;
  to.set_sample(from.sample);
}

void put(const Personal& from, v1::Personal& to) {
  to.set_note(from.note);
  to.set_agent_name(from.agent_name);
  to.set_listener_name(from.listener_name);
  to.set_customer_key(from.customer_key);
}

void put(const TagKind& from, v1::TagKindDefined& to) { wire::put_kind(from, to); }

void put(const Interval& from, v1::Interval& to) {
  to.set_start_position(from.start);
  to.set_end_position(from.end);
}

void put(const HourPlanned& from, v1::HourPlanned& to) {
  to.set_week(from.week);
  to.set_iso_week(from.iso_week);
  wire::put_time(from.since, *to.mutable_since());
  wire::put_time(from.until, *to.mutable_until());
  to.set_seed(from.seed);
  to.set_frame_sha256(from.frame_sha256);
  to.set_hour_ms(from.hour_ms);
  to.set_shortest_ms(from.shortest_ms);
  to.set_longest_ms(from.longest_ms);
  for (const std::string& name : from.strata) to.add_strata(name);
  to.set_frame_calls(from.frame_calls);
  to.set_too_short(from.too_short);
  to.set_too_long(from.too_long);
  to.set_unheard(from.unheard);
  to.set_heard(from.heard);
  for (const HourStratum& stratum : from.drawn_from) {
    auto& added = *to.add_drawn_from();
    for (const std::string& value : stratum.values) added.add_values(value);
    added.set_calls(stratum.calls);
    added.set_drawn(stratum.drawn);
  }
  for (const HourCall& call : from.calls) {
    auto& added = *to.add_calls();
    added.set_call(std::string(call.call.raw()));
    added.set_probability(call.probability);
    added.set_stratum(call.stratum);
    added.set_heard_before(call.heard_before);
    added.set_duration_ms(call.duration_ms);
  }
  to.set_expected_ms(from.expected_ms);
  to.set_deviation_ms(from.deviation_ms);
}

void put_payload(const Payload& payload, v1::Event& to) {
  std::visit(
      Overload{
          [](const std::monostate&) {},
          [&](const CallStarted&) { to.mutable_call_started(); },
          [&](const CallUpdated&) { to.mutable_call_updated(); },
          [&](const CallEnded& from) {
            to.mutable_call_ended()->set_duration_position(from.duration);
            to.mutable_call_ended()->set_legs(from.legs);
          },
          [&](const Tagged& from) {
            auto& tagged = *to.mutable_tagged();
            tagged.set_kind(from.kind);
            tagged.set_pressed_position(from.pressed);
            tagged.set_released_position(from.released);
            tagged.set_heard_position(from.heard);
            tagged.set_start_position(from.start);
            tagged.set_end_position(from.end);
            tagged.set_playback_rate(from.playback_rate);
            tagged.set_live(from.live);
            tagged.set_input(v1::Input(from.input));
            tagged.set_closed_by_leaving(from.closed_by_leaving);
          },
          [&](const TagRevised& from) {
            auto& revised = *to.mutable_tag_revised();
            revised.set_tag(std::string(from.tag.raw()));
            if (from.kind) revised.set_kind(*from.kind);
            if (from.start) revised.set_start_position(*from.start);
            if (from.end) revised.set_end_position(*from.end);
            revised.set_note_revised(from.note_revised);
          },
          [&](const TagRetracted& from) {
            to.mutable_tag_retracted()->set_tag(std::string(from.tag.raw()));
          },
          [&](const ListenerDefined& from) {
            to.mutable_listener_defined()->set_listener(std::string(from.listener.raw()));
          },
          [&](const ListenerMerged& from) {
            to.mutable_listener_merged()->set_from(std::string(from.from.raw()));
            to.mutable_listener_merged()->set_into(std::string(from.into.raw()));
          },
          [&](const ListeningStarted& from) {
            to.mutable_listening_started()->set_listening(std::string(from.listening.raw()));
            to.mutable_listening_started()->set_live(from.live);
          },
          [&](const Listened& from) {
            auto& listened = *to.mutable_listened();
            listened.set_listening(std::string(from.listening.raw()));
            for (const Interval& interval : from.intervals) {
              put(interval, *listened.add_intervals());
            }
            listened.set_playback_rate(from.playback_rate);
            listened.set_opened_early(from.opened_early);
            for (const Interval& interval : from.skipped_silence) {
              put(interval, *listened.add_skipped_silence());
            }
          },
          [&](const ListeningEnded& from) {
            to.mutable_listening_ended()->set_listening(std::string(from.listening.raw()));
          },
          [&](const TagKindDefined& from) { put(from.kind, *to.mutable_tag_kind_defined()); },
          [&](const TagKindMerged& from) {
            to.mutable_tag_kind_merged()->set_from(from.from);
            to.mutable_tag_kind_merged()->set_into(from.into);
          },
          [&](const TagKindRetired& from) { to.mutable_tag_kind_retired()->set_kind(from.kind); },
          [&](const FollowUpOpened& from) {
            to.mutable_follow_up_opened()->set_follow_up(std::string(from.follow_up.raw()));
            to.mutable_follow_up_opened()->set_kind(from.kind);
            to.mutable_follow_up_opened()->set_tag(std::string(from.tag.raw()));
          },
          [&](const FollowUpClosed& from) {
            to.mutable_follow_up_closed()->set_follow_up(std::string(from.follow_up.raw()));
            to.mutable_follow_up_closed()->set_outcome(from.outcome);
            to.mutable_follow_up_closed()->set_day(from.day);
          },
          [&](const AudioGap& from) {
            auto& gap = *to.mutable_audio_gap();
            gap.set_leg(from.leg);
            gap.set_start_position(from.start);
            gap.set_end_position(from.end);
            gap.set_cause(from.cause);
            gap.set_own_fault(from.own_fault);
          },
          [&](const Paused& from) {
            to.mutable_paused()->set_start_position(from.start);
            to.mutable_paused()->set_end_position(from.end);
          },
          [&](const JournalGap& from) {
            auto& gap = *to.mutable_journal_gap();
            gap.set_station(std::string(from.station.raw()));
            gap.set_journal(std::string(from.journal.raw()));
            gap.set_from_seq(from.from_seq);
            gap.set_to_seq(from.to_seq);
            gap.set_reason(from.reason);
          },
          [&](const Erased& from) {
            auto& erased = *to.mutable_erased_events();
            for (const EventId& id : from.events) erased.add_events(std::string(id.raw()));
            erased.set_reason(from.reason);
          },
          [&](const HourPlanned& from) { put(from, *to.mutable_hour_planned()); },
          [&](const HourCallSkipped& from) {
            to.mutable_hour_call_skipped()->set_hour(std::string(from.hour.raw()));
            to.mutable_hour_call_skipped()->set_withdrawn(from.withdrawn);
          },
          [&](const HourCallAdded& from) {
            to.mutable_hour_call_added()->set_hour(std::string(from.hour.raw()));
          },
          [&](const HourWords& from) {
            to.mutable_hour_words()->set_hour(std::string(from.hour.raw()));
          },
          [&](const WeekTakenOff& from) {
            to.mutable_week_taken_off()->set_week(from.week);
            to.mutable_week_taken_off()->set_iso_week(from.iso_week);
            to.mutable_week_taken_off()->set_withdrawn(from.withdrawn);
          },
      },
      payload);
}

}  // namespace

std::string_view type_of(const Payload& payload) {
  static constexpr std::string_view kNames[] = {
      "",
      "earful.v1.CallStarted",
      "earful.v1.CallUpdated",
      "earful.v1.CallEnded",
      "earful.v1.Tagged",
      "earful.v1.TagRevised",
      "earful.v1.TagRetracted",
      "earful.v1.ListenerDefined",
      "earful.v1.ListenerMerged",
      "earful.v1.ListeningStarted",
      "earful.v1.Listened",
      "earful.v1.ListeningEnded",
      "earful.v1.TagKindDefined",
      "earful.v1.TagKindMerged",
      "earful.v1.TagKindRetired",
      "earful.v1.FollowUpOpened",
      "earful.v1.FollowUpClosed",
      "earful.v1.AudioGap",
      "earful.v1.Paused",
      "earful.v1.JournalGap",
      "earful.v1.Erased",
      "earful.v1.HourPlanned",
      "earful.v1.HourCallSkipped",
      "earful.v1.HourCallAdded",
      "earful.v1.HourWords",
      "earful.v1.WeekTakenOff",
  };
  static_assert(std::size(kNames) == std::variant_size_v<Payload>);
  return kNames[payload.index()];
}

std::string encode_event(const Event& event) {
  v1::Event message;
  message.set_id(std::string(event.id.raw()));
  message.set_source(std::string(event.source.raw()));
  const std::string_view type = type_of(event.payload);
  message.set_type(type.empty() ? event.type : std::string(type));
  wire::put_time(event.time, *message.mutable_time());
  if (event.subject) message.set_subject(std::string(event.subject->raw()));
  if (event.listener) message.set_listener(std::string(event.listener->raw()));
  if (event.call) put(*event.call, *message.mutable_call());
  if (event.personal != Personal{}) put(event.personal, *message.mutable_personal());
  message.set_erased(event.erased);
  put_payload(event.payload, message);
  return wire::serialize(message);
}

}  // namespace earful
