// How often each problem is in all calls, judged by the calls that were drawn at random and heard,
// over several hours and listeners. Belongs to one thread; fed as proto/leader_fold.h says, all
// events to learn() and then again to add().
//
// Each call has the weight 1 / probability, so an hour speaks for all the calls it was drawn from.
// A call that was heard in several hours counts once, with the first of them, and with what any of
// their listeners tagged. Tags of others say nothing here: they were no part of the hour.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/leader_fold.h"
#include "proto/tag_fold.h"
#include "proto/tagbook_fold.h"

namespace earful {

struct Estimates {
  size_t hours = 0;
  size_t drawn = 0, skipped = 0;  // calls of these hours
  size_t calls = 0;               // different ones, random and heard
  std::vector<ProblemShare> problems;
};

class EstimateFold {
 public:
  void learn(const Event& event);
  void add(const Event& event);

  // Of the hours of weeks that begin from the day `since` on and not after `until`.
  Estimates make(const std::string& since, const std::string& until) const;
  std::string label_of(const std::string& kind) const;  // English

 private:
  bool is_problem(const std::string& kind) const;

  LeaderFold leaders_;
  TagbookFold book_;
  std::map<EventId, FoldedTag> tags_;  // of planned calls
};

}  // namespace earful
