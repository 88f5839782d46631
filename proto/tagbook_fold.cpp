#include "proto/tagbook_fold.h"

#include <algorithm>

#include "proto/tagbook.h"

namespace earful {
namespace {

bool by_order(const TagKind& a, const TagKind& b) { return a.order < b.order; }

// A writer who does not know `hints` has `hint` alone: while that is as it was, what it says in
// other languages is true as well. What only `hint` says is taken for English.
void settle_hints(const TagKind& before, TagKind& now) {
  if (now.hints.empty() && now.hint == before.hint) now.hints = before.hints;
  const bool there = std::any_of(now.hints.begin(), now.hints.end(),
                                 [&](const auto& one) { return one.second == now.hint; });
  if (!now.hint.empty() && !there) now.hints.emplace("en", now.hint);
}

}  // namespace

TagbookFold::TagbookFold() {
  for (const TagKind& kind : default_tagbook().kinds) entries_[kind.id] = {kind, false, {}};
}

bool TagbookFold::add(const Event& event) {
  if (const auto* defined = std::get_if<TagKindDefined>(&event.payload)) {
    Entry& entry = entries_[defined->kind.id];
    Entry made{defined->kind, false, std::move(entry.former)};
    made.kind.revision = std::max(defined->kind.revision, entry.kind.revision + 1);
    // A writer who does not know the field leaves it empty.
    if (made.kind.sets.empty()) made.kind.sets = entry.kind.sets;
    settle_hints(entry.kind, made.kind);
    const std::string before = entry.kind.id.empty() ? "" : label_of(entry.kind);
    if (!before.empty() && before != label_of(made.kind) &&
        std::find(made.former.begin(), made.former.end(), before) == made.former.end()) {
      made.former.push_back(before);
    }
    entry = std::move(made);
  } else if (const auto* merged = std::get_if<TagKindMerged>(&event.payload)) {
    roots_.merge(merged->from, merged->into);
    for (const std::string& id : {merged->from, merged->into}) {
      if (const auto entry = entries_.find(id); entry != entries_.end()) {
        ++entry->second.kind.revision;
      }
    }
  } else if (const auto* retired = std::get_if<TagKindRetired>(&event.payload)) {
    if (const auto entry = entries_.find(retired->kind); entry != entries_.end()) {
      entry->second.retired = true;
      ++entry->second.kind.revision;
    }
  } else {
    return false;
  }
  return true;
}

const TagKind* TagbookFold::find(const std::string& kind) const {
  const auto entry = entries_.find(kind);
  return entry == entries_.end() ? nullptr : &entry->second.kind;
}

KindView TagbookFold::view_of(const std::string& id, const Entry& entry) const {
  return {entry.kind, entry.retired, roots_.is_merged(id) ? root(id) : ""};
}

std::optional<KindView> TagbookFold::view(const std::string& kind) const {
  const auto entry = entries_.find(kind);
  if (entry == entries_.end()) return std::nullopt;
  return view_of(kind, entry->second);
}

std::vector<KindView> TagbookFold::all() const {
  std::vector<KindView> views;
  for (const auto& [id, entry] : entries_) views.push_back(view_of(id, entry));
  std::stable_sort(views.begin(), views.end(),
                   [](const KindView& a, const KindView& b) { return by_order(a.kind, b.kind); });
  return views;
}

std::vector<TagKind> TagbookFold::kinds() const {
  std::vector<TagKind> kinds;
  for (const auto& [id, entry] : entries_) {
    if (!entry.retired && !roots_.is_merged(id)) kinds.push_back(entry.kind);
  }
  std::stable_sort(kinds.begin(), kinds.end(), by_order);
  return kinds;
}

std::vector<std::string> TagbookFold::former_labels(const std::string& kind) const {
  const auto entry = entries_.find(kind);
  return entry == entries_.end() ? std::vector<std::string>() : entry->second.former;
}

std::vector<std::string> tagbook_types() {
  return {"earful.v1.TagKindDefined", "earful.v1.TagKindMerged", "earful.v1.TagKindRetired"};
}

bool is_about_tagbook(const Event& event) {
  return std::holds_alternative<TagKindDefined>(event.payload) ||
         std::holds_alternative<TagKindMerged>(event.payload) ||
         std::holds_alternative<TagKindRetired>(event.payload);
}

std::string english_of(const std::map<std::string, std::string>& texts) {
  if (const auto english = texts.find("en"); english != texts.end() && !english->second.empty()) {
    return english->second;
  }
  for (const auto& [language, text] : texts) {
    if (!text.empty()) return text;
  }
  return "";
}

std::string label_of(const TagKind& kind) {
  const std::string label = english_of(kind.labels);
  return label.empty() ? kind.id : label;
}

}  // namespace earful
