#include "agent/journal/same_act.h"

namespace earful::agent {
namespace {

// A tag of a call that went on, sent again after its end, is placed by what the call is now.
Payload as_pressed(Payload payload, bool live) {
  if (auto* tag = std::get_if<Tagged>(&payload); tag && live) {
    tag->end = 0;
    tag->live = false;
  }
  return payload;
}

}  // namespace

bool same_act(const Event& before, const Event& again) {
  const auto* tag = std::get_if<Tagged>(&before.payload);
  const bool live = tag && tag->live;
  return as_pressed(before.payload, live) == as_pressed(again.payload, live) &&
         before.subject == again.subject && before.listener == again.listener &&
         (before.erased || before.personal.note == again.personal.note);
}

}  // namespace earful::agent
