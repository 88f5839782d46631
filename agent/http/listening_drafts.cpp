#include "agent/http/listening_drafts.h"

#include <algorithm>

#include "base/check.h"

namespace earful::agent {

void ListeningDrafts::keep(Event so_far, Time now) {
  EARFUL_CHECK(so_far.listener.has_value());
  const ListenerId listener = *so_far.listener;
  const EventId listening = std::get<Listened>(so_far.payload).listening;
  make_way(listener, listening, so_far.id);
  if (drafts_.size() >= kMaxListeningDrafts) {
    save(std::min_element(drafts_.begin(), drafts_.end(), [](const auto& a, const auto& b) {
      return a.second.told < b.second.told;
    }));
  }
  drafts_.insert_or_assign({listener, listening}, Draft{std::move(so_far), now});
}

void ListeningDrafts::make_way(const ListenerId& listener, const EventId& listening,
                               const EventId& word) {
  const auto draft = drafts_.find({listener, listening});
  if (draft == drafts_.end()) return;
  if (draft->second.event.id == word) {
    drafts_.erase(draft);
  } else {
    save(draft);
  }
}

std::optional<std::chrono::milliseconds> ListeningDrafts::look(Time now) {
  std::optional<std::chrono::milliseconds> next;
  for (auto draft = drafts_.begin(); draft != drafts_.end();) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(draft->second.told + kDraftRests - now);
    if (left.count() <= 0) {
      draft = save(draft);
      continue;
    }
    next = std::min(left, next.value_or(left));
    ++draft;
  }
  return next;
}

void ListeningDrafts::save_all() {
  while (!drafts_.empty()) save(drafts_.begin());
}

ListeningDrafts::Drafts::iterator ListeningDrafts::save(Drafts::iterator draft) {
  Event event = std::move(draft->second.event);
  event.id = EventId{make_uuid_v7(event.time)};
  save_(std::move(event));
  return drafts_.erase(draft);
}

}  // namespace earful::agent
