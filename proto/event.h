// Events as plain structs, and the only door between them and bytes (proto/earful/v1/event.proto).
// Any thread; nothing here keeps state.
//
// decode_event refuses what breaks a rule with the code that goes into quarantine:
//   E_DECODE  not a message        E_SIZE   over kMaxEventBytes     E_DEPTH  nested over 100 deep
//   E_ID      no usable id/source  E_NEWER  needs a newer schema    E_TYPE   payload and type
//   disagree E_VALUE   a value outside its range (named in the message)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "proto/position.h"

namespace earful {

inline constexpr uint32_t kSchemaRevision = 1;
inline constexpr size_t kMaxEventBytes = 64 * 1024;
inline constexpr size_t kMaxNoteBytes = 4096;
inline constexpr size_t kMaxLabels = 16;
inline constexpr size_t kMaxLanguages = 16;    // of a kind of tag
inline constexpr size_t kMaxTextBytes = 1024;  // every other text of an event

enum class Direction { kUnspecified, kInbound, kOutbound };
enum class Input { kUnspecified, kKey, kPointer, kApi };
enum class TagShape { kUnspecified, kPoint, kRange };

struct CallSnapshot {
  std::string external_id;
  std::optional<WallTime> started_at;
  Direction direction = Direction::kUnspecified;
  std::string queue;
  std::string team;
  std::string agent_ref;
  std::string language;
  std::string customer_tier;
  std::map<std::string, std::string> labels;
  bool sample = false;

  bool operator==(const CallSnapshot&) const = default;
};

struct Personal {
  std::string note;
  std::string agent_name;
  std::string listener_name;
  std::string customer_key;

  bool operator==(const Personal&) const = default;
};

struct CallStarted {
  bool operator==(const CallStarted&) const = default;
};
struct CallUpdated {
  bool operator==(const CallUpdated&) const = default;
};
struct CallEnded {
  Position duration = 0;
  uint32_t legs = 0;
  bool operator==(const CallEnded&) const = default;
};
struct Tagged {
  std::string kind;
  Position pressed = 0;
  Position released = 0;
  Position heard = 0;
  Position start = 0;
  Position end = 0;
  double playback_rate = 1.0;
  bool live = false;
  Input input = Input::kUnspecified;
  bool closed_by_leaving = false;
  bool operator==(const Tagged&) const = default;
};
struct TagRevised {
  EventId tag;
  std::optional<std::string> kind;
  std::optional<Position> start;
  std::optional<Position> end;
  bool note_revised = false;
  bool operator==(const TagRevised&) const = default;
};
struct TagRetracted {
  EventId tag;
  bool operator==(const TagRetracted&) const = default;
};
struct ListenerDefined {
  ListenerId listener;
  bool operator==(const ListenerDefined&) const = default;
};
struct ListenerMerged {
  ListenerId from;
  ListenerId into;
  bool operator==(const ListenerMerged&) const = default;
};
struct Interval {
  Position start = 0;
  Position end = 0;
  bool operator==(const Interval&) const = default;
};
struct ListeningStarted {
  EventId listening;
  bool live = false;
  bool operator==(const ListeningStarted&) const = default;
};
struct Listened {
  EventId listening;
  std::vector<Interval> intervals;
  double playback_rate = 1.0;
  bool opened_early = false;  // others' tags, before the call had been heard
  std::vector<Interval> skipped_silence;
  bool operator==(const Listened&) const = default;
};
struct ListeningEnded {
  EventId listening;
  bool operator==(const ListeningEnded&) const = default;
};
struct TagKind {
  std::string id;
  std::string family;
  std::map<std::string, std::string> labels;  // by language
  std::string hint;                           // the English one of hints, or the first
  std::map<std::string, std::string> hints;   // by language
  std::string key;                            // KeyboardEvent.code
  TagShape shape = TagShape::kPoint;
  uint32_t lead_ms = 0;
  uint32_t lag_ms = 0;
  uint32_t severity = 0;
  uint32_t order = 0;
  std::string opens;
  uint32_t revision = 0;
  std::vector<std::string> sets;  // panels it belongs to: "hour", "desk"
  bool operator==(const TagKind&) const = default;
};
struct TagKindDefined {
  TagKind kind;
  bool operator==(const TagKindDefined&) const = default;
};
struct TagKindMerged {
  std::string from;
  std::string into;
  bool operator==(const TagKindMerged&) const = default;
};
struct TagKindRetired {
  std::string kind;
  bool operator==(const TagKindRetired&) const = default;
};
struct FollowUpOpened {
  EventId follow_up;
  std::string kind;
  EventId tag;
  bool operator==(const FollowUpOpened&) const = default;
};
struct FollowUpClosed {
  EventId follow_up;
  std::string outcome;
  std::string day;  // "2026-11-22", or nothing
  bool operator==(const FollowUpClosed&) const = default;
};
struct AudioGap {
  uint32_t leg = 0;
  Position start = 0;
  Position end = 0;
  std::string cause;
  bool own_fault = false;
  bool operator==(const AudioGap&) const = default;
};
struct Paused {
  Position start = 0;
  Position end = 0;
  bool operator==(const Paused&) const = default;
};
struct JournalGap {
  StationId station;
  JournalId journal;
  uint64_t from_seq = 0;
  uint64_t to_seq = 0;
  std::string reason;
  bool operator==(const JournalGap&) const = default;
};
struct Erased {
  std::vector<EventId> events;
  std::string reason;
  bool operator==(const Erased&) const = default;
};
struct HourStratum {
  std::vector<std::string> values;
  uint32_t calls = 0;
  uint32_t drawn = 0;
  bool operator==(const HourStratum&) const = default;
};
// No frame has more calls; with less, weights would leave the range of numbers.
inline constexpr double kLeastProbability = 1.0 / 4294967296.0;
struct HourCall {
  CallId call;
  double probability = 0;  // kLeastProbability to 1
  uint32_t stratum = 0;    // index in HourPlanned::drawn_from; nothing of a call heard before
  bool heard_before = false;
  int64_t duration_ms = 0;
  bool operator==(const HourCall&) const = default;
};
struct HourPlanned {
  std::string week;  // its first day, "2026-11-22"
  std::string iso_week;
  WallTime since{}, until{};
  std::string seed, frame_sha256;  // 32 bytes each
  int64_t hour_ms = 0, shortest_ms = 0, longest_ms = 0;
  std::vector<std::string> strata;
  uint32_t frame_calls = 0, too_short = 0, too_long = 0, unheard = 0, heard = 0;
  std::vector<HourStratum> drawn_from;
  std::vector<HourCall> calls;  // in the order in which they are to be heard
  double expected_ms = 0, deviation_ms = 0;
  bool operator==(const HourPlanned&) const = default;
};
struct HourCallSkipped {
  EventId hour;
  bool withdrawn = false;
  bool operator==(const HourCallSkipped&) const = default;
};
struct HourCallAdded {
  EventId hour;
  bool operator==(const HourCallAdded&) const = default;
};
struct HourWords {
  EventId hour;
  bool operator==(const HourWords&) const = default;
};
struct WeekTakenOff {
  std::string week;
  std::string iso_week;
  bool withdrawn = false;
  bool operator==(const WeekTakenOff&) const = default;
};

// std::monostate: a payload this version does not know; the raw bytes still hold it.
using Payload =
    std::variant<std::monostate, CallStarted, CallUpdated, CallEnded, Tagged, TagRevised,
                 TagRetracted, ListenerDefined, ListenerMerged, ListeningStarted, Listened,
                 ListeningEnded, TagKindDefined, TagKindMerged, TagKindRetired, FollowUpOpened,
                 FollowUpClosed, AudioGap, Paused, JournalGap, Erased, HourPlanned, HourCallSkipped,
                 HourCallAdded, HourWords, WeekTakenOff>;

struct Event {
  EventId id;
  StationId source;
  std::string type;  // set by encode_event from the payload
  WallTime time{};
  std::optional<CallId> subject;
  std::optional<ListenerId> listener;
  std::optional<CallSnapshot> call;
  Personal personal;
  bool erased = false;
  Payload payload;
};

// "earful.v1.Tagged"; "" for a payload not known.
std::string_view type_of(const Payload& payload);

// Deterministic: the same event gives the same bytes.
std::string encode_event(const Event& event);

Result<Event> decode_event(std::string_view raw);

// The raw event without its personal data and with `erased` set; unknown fields stay.
Result<std::string> erase_personal(std::string_view raw);

// One line of JSON, CloudEvents-shaped: id, source, type, time, subject, then what docs/wire.md
// lists. Every text is valid UTF-8 whatever came in.
std::string event_json(const Event& event);

}  // namespace earful
