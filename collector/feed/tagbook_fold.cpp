#include "collector/feed/tagbook_fold.h"

#include <algorithm>

#include "proto/tagbook.h"

namespace earful::collector {

TagbookFold::TagbookFold() {
  for (const TagKind& kind : default_tagbook().kinds) entries_[kind.id] = {kind, false};
}

void TagbookFold::add(const Event& event) {
  if (const auto* defined = std::get_if<TagKindDefined>(&event.payload)) {
    Entry& entry = entries_[defined->kind.id];
    entry = {defined->kind, false};
  } else if (const auto* merged = std::get_if<TagKindMerged>(&event.payload)) {
    const std::string from = root(merged->from), into = root(merged->into);
    if (from != into) merged_into_[from] = into;  // a ring would have no root
  } else if (const auto* retired = std::get_if<TagKindRetired>(&event.payload)) {
    if (const auto entry = entries_.find(retired->kind); entry != entries_.end()) {
      entry->second.retired = true;
    }
  }
}

const std::string& TagbookFold::root(const std::string& kind) const {
  const std::string* at = &kind;
  for (auto next = merged_into_.find(*at); next != merged_into_.end();
       next = merged_into_.find(*at)) {
    at = &next->second;
  }
  return *at;
}

const TagKind* TagbookFold::find(const std::string& kind) const {
  const auto entry = entries_.find(kind);
  return entry == entries_.end() ? nullptr : &entry->second.kind;
}

std::vector<TagKind> TagbookFold::kinds() const {
  std::vector<TagKind> kinds;
  for (const auto& [id, entry] : entries_) {
    if (!entry.retired && !merged_into_.contains(id)) kinds.push_back(entry.kind);
  }
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const TagKind& a, const TagKind& b) { return a.order < b.order; });
  return kinds;
}

std::vector<std::string> tagbook_types() {
  return {"earful.v1.TagKindDefined", "earful.v1.TagKindMerged", "earful.v1.TagKindRetired"};
}

}  // namespace earful::collector
