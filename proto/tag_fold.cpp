#include "proto/tag_fold.h"

namespace earful {

std::optional<EventId> tag_of(const Event& event) {
  if (std::holds_alternative<Tagged>(event.payload)) return event.id;
  if (const auto* revised = std::get_if<TagRevised>(&event.payload)) return revised->tag;
  if (const auto* retracted = std::get_if<TagRetracted>(&event.payload)) return retracted->tag;
  return std::nullopt;
}

void FoldedTag::add(const Event& event) {
  if (const auto* made = std::get_if<Tagged>(&event.payload)) {
    tagged = true;
    erased = event.erased;
    id = event.id;
    call = event.subject;
    snapshot = event.call;
    customer_key = event.personal.customer_key;
    listener = event.listener;
    listener_name = event.personal.listener_name;
    time = event.time;
    pressed = made->pressed;
    kind = revised_kind_.value_or(made->kind);
    start = revised_start_.value_or(made->start);
    end = revised_end_.value_or(made->end);
    note = revised_note_.value_or(event.personal.note);
    closed_by_leaving = made->closed_by_leaving && !revised_end_;
  } else if (const auto* revised = std::get_if<TagRevised>(&event.payload)) {
    if (revised->kind) revised_kind_ = kind = *revised->kind;
    if (revised->start) revised_start_ = start = *revised->start;
    if (revised->end) revised_end_ = end = *revised->end;
    if (revised->end) closed_by_leaving = false;
    ++revisions;
    if (revised->note_revised) revised_note_ = note = event.personal.note;
  } else if (std::holds_alternative<TagRetracted>(event.payload)) {
    retracted = true;
  }
}

}  // namespace earful
