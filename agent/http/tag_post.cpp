#include "agent/http/tag_post.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "agent/http/json_fields.h"

namespace earful::agent {
namespace {

// No call is longer; what is beyond would not fit the counts we keep.
constexpr double kMaxMs = 7.0 * 24 * 3600 * 1000;

Error bad_position(const std::string& what) { return {"E_POSITION", what}; }

Result<void> check_ms(const char* name, const std::optional<double>& ms) {
  if (!ms || (std::isfinite(*ms) && *ms >= 0 && *ms <= kMaxMs)) return {};
  return bad_position(std::string(name) + " must be milliseconds from the start of the call.");
}

Result<void> check_note(const std::optional<std::string>& note) {
  if (!note || note->size() <= kMaxNoteBytes) return {};
  return Error{"E_NOTE_SIZE", "The note is over 4096 bytes; shorten it and save it again."};
}

Result<Input> input_of(const std::string& text) {
  if (text == "key") return Input::kKey;
  if (text == "pointer") return Input::kPointer;
  if (text == "api") return Input::kApi;
  return Error{"E_FIELD", "The field input must be key, pointer or api."};
}

std::string ms_text(Position position) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", position_ms(position));
  return text;
}

}  // namespace

Result<std::optional<EventId>> read_event_id(JsonFields& fields) {
  const auto text = fields.text("event_id");
  if (!text) return std::optional<EventId>();
  const auto id = EventId::parse(*text);
  if (!id || id->is_zero()) {
    return Error{
        "E_EVENT_ID",
        "event_id must be a UUID made when the key was pressed (version 7 keeps stores fast); "
        "leave it out to have one made."};
  }
  return id;
}

Result<TagPost> parse_tag_post(std::string_view body) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(body));
  TagPost post;
  EARFUL_ASSIGN(post.event_id, read_event_id(fields));
  const std::string call = fields.required_text("call_id");
  post.kind = fields.required_text("kind");
  const auto position = fields.number("position_ms");
  const auto pressed = fields.number("pressed_ms");
  const auto released = fields.number("released_ms");
  post.end_ms = fields.number("end_ms");
  post.playback_rate = fields.number("playback_rate").value_or(1.0);
  const auto note = fields.text("note");
  const std::string input = fields.text("input").value_or("api");
  post.live = fields.boolean("live").value_or(false);
  post.closed_by_leaving = fields.boolean("closed_by_leaving").value_or(false);
  EARFUL_TRY(fields.finish());

  const auto id = CallId::parse(call);
  if (!id) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  post.call = *id;
  EARFUL_TRY(check_note(note));
  post.note = note.value_or("");
  EARFUL_ASSIGN(post.input, input_of(input));
  if (position.has_value() == pressed.has_value()) {
    return bad_position("Say where: either position_ms, or pressed_ms and released_ms.");
  }
  if (released && !pressed) return bad_position("released_ms needs pressed_ms.");
  EARFUL_TRY(check_ms("position_ms", position));
  EARFUL_TRY(check_ms("pressed_ms", pressed));
  EARFUL_TRY(check_ms("released_ms", released));
  EARFUL_TRY(check_ms("end_ms", post.end_ms));
  post.pressed_ms = position ? *position : *pressed;
  post.released_ms = released.value_or(post.pressed_ms);
  if (post.released_ms < post.pressed_ms) return bad_position("released_ms is before pressed_ms.");
  if (post.end_ms && *post.end_ms < post.pressed_ms) {
    return bad_position("end_ms is before the tag begins.");
  }
  const double rate = post.playback_rate;
  if (!std::isfinite(rate) || rate < kMinPlaybackRate || rate > kMaxPlaybackRate) {
    return Error{"E_RATE", "playback_rate must be from 0.25 to 4."};
  }
  return post;
}

Result<Tagged> place_tag(const TagPost& post, const TagKind& kind, Position duration, bool live) {
  Tagged tag;
  tag.kind = kind.id;
  tag.pressed = position_of_ms(post.pressed_ms);
  tag.released = position_of_ms(post.released_ms);
  tag.heard = tag.pressed;
  const Position last = post.end_ms ? position_of_ms(*post.end_ms) : tag.released;
  if (tag.pressed > duration || tag.released > duration || last > duration) {
    return bad_position("That is past the end of the call, which is " + ms_text(duration) +
                        " ms long.");
  }
  const auto reaction = [&](uint32_t ms) { return position_of_ms(ms * post.playback_rate); };
  tag.start = std::clamp<Position>(tag.pressed - reaction(kind.lead_ms), 0, duration);
  const Position lagged = last + reaction(kind.lag_ms);
  tag.end = live ? lagged : std::clamp<Position>(lagged, 0, duration);
  tag.playback_rate = post.playback_rate;
  tag.live = live || post.live;
  tag.input = post.input;
  tag.closed_by_leaving = post.closed_by_leaving;
  return tag;
}

Result<TagRevision> parse_tag_revision(std::string_view body) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(body));
  TagRevision revision;
  EARFUL_ASSIGN(revision.event_id, read_event_id(fields));
  revision.note = fields.text("note");
  revision.kind = fields.text("kind");
  revision.start_ms = fields.number("start_ms");
  revision.end_ms = fields.number("end_ms");
  EARFUL_TRY(fields.finish());
  EARFUL_TRY(check_note(revision.note));
  EARFUL_TRY(check_ms("start_ms", revision.start_ms));
  EARFUL_TRY(check_ms("end_ms", revision.end_ms));
  if (!revision.note && !revision.kind && !revision.start_ms && !revision.end_ms) {
    return Error{"E_FIELD", "Nothing to revise: send note, kind, start_ms or end_ms."};
  }
  return revision;
}

Result<TagRevised> place_revision(const TagRevision& revision, const TagView& tag,
                                  std::optional<Position> duration) {
  TagRevised revised;
  revised.tag = tag.id;
  revised.kind = revision.kind;
  revised.note_revised = revision.note.has_value();
  if (revision.start_ms) revised.start = position_of_ms(*revision.start_ms);
  if (revision.end_ms) revised.end = position_of_ms(*revision.end_ms);
  const Position start = revised.start.value_or(tag.start), end = revised.end.value_or(tag.end);
  if (end < start) return bad_position("end_ms is before start_ms.");
  const bool moved = revised.start || revised.end;
  if (moved && duration && end > *duration) {
    return bad_position("That is past the end of the call, which is " + ms_text(*duration) +
                        " ms long.");
  }
  return revised;
}

Result<std::optional<EventId>> parse_event_id_only(std::string_view body) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(body));
  EARFUL_ASSIGN(const std::optional<EventId> id, read_event_id(fields));
  EARFUL_TRY(fields.finish());
  return id;
}

Result<TagKind> usable_kind(const std::optional<KindView>& known, const std::string& id) {
  if (!known) {
    return Error{"E_KIND", "There is no such kind of tag; GET /api/v1/tagbook lists them."};
  }
  if (!known->merged_into.empty()) {
    return Error{"E_KIND", "The kind " + id + " was merged; use " + known->merged_into + "."};
  }
  if (known->retired) {
    return Error{"E_KIND", "The kind " + id +
                               " is no longer used; GET /api/v1/tagbook lists those that are."};
  }
  return known->kind;
}

}  // namespace earful::agent
