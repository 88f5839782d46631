// Who stands for whom after merges: kinds of tags, listeners. Feed it the merges in feed order;
// each applies to the roots of both sides, and one that would close a ring changes nothing. Any
// thread.
#pragma once

#include <map>

namespace earful {

template <class Id>
class MergeRoots {
 public:
  void merge(const Id& from, const Id& into) {
    const Id old = root(from), now = root(into);
    if (old != now) into_[old] = now;
  }
  const Id& root(const Id& id) const {
    const Id* at = &id;
    for (auto next = into_.find(*at); next != into_.end(); next = into_.find(*at)) {
      at = &next->second;
    }
    return *at;
  }
  bool is_merged(const Id& id) const { return into_.contains(id); }
  // Each merged one, and what it was merged into: itself perhaps merged since.
  const std::map<Id, Id>& merges() const { return into_; }

 private:
  std::map<Id, Id> into_;
};

}  // namespace earful
