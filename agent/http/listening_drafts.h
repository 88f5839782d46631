// Words about listening that still grow: what a page has told so far of the next Listened event.
// Kept in memory until the last word comes, and made an event here when it does not. HTTP thread
// only.
//
// What is made an event here gets an id of its own. So the last word is never refused, however late
// it comes, and says some stretches a second time: a stretch that was heard twice counts once.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/ids.h"
#include "proto/event.h"

namespace earful::agent {

// A page that plays tells each second; one that says nothing for so long is gone.
inline constexpr std::chrono::seconds kDraftRests{5};
// More pages than may be connected; the one that rests longest gives way, as an event.
inline constexpr size_t kMaxListeningDrafts = 320;

class ListeningDrafts {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Save = std::function<void(Event)>;

  explicit ListeningDrafts(Save save) : save_(std::move(save)) {}

  // A Listened event as it is so far, instead of what was told of it before.
  void keep(Event so_far, Time now);
  // Before a word of that listening is saved: the draft of that very word is done with, that of
  // another is made an event.
  void make_way(const ListenerId& listener, const EventId& listening, const EventId& word);
  // Makes events of those that rest; tells when it wants to look again, if there are others.
  std::optional<std::chrono::milliseconds> look(Time now);
  void save_all();

 private:
  struct Draft {
    Event event;
    Time told;
  };
  using Drafts = std::map<std::pair<ListenerId, EventId>, Draft>;
  Drafts::iterator save(Drafts::iterator draft);

  Save save_;
  Drafts drafts_;
};

}  // namespace earful::agent
