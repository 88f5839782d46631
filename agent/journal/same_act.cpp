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

bool same_act(const Event& a, const Event& b) {
  const auto* before = std::get_if<Tagged>(&a.payload);
  const bool live = before && before->live;
  return as_pressed(a.payload, live) == as_pressed(b.payload, live) && a.subject == b.subject &&
         a.listener == b.listener && a.personal.note == b.personal.note;
}

}  // namespace earful::agent
