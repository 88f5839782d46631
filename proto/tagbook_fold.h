// What events have made of the default tag book: the one fold, for stations and for collectors.
// Feed it the events in feed order (a station's own ones not yet in the feed last). Any thread.
//
// The last definition of a kind wins as a whole, and brings a retired kind back; what its writer
// was too old to know stays as it was. A merge is for good. A kind's revision counts every change
// of it, so that two people who changed it apart are noticed whatever number their events carry.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/event.h"
#include "proto/merge_roots.h"

namespace earful {

struct KindView {
  TagKind kind;
  bool retired = false;
  std::string merged_into;  // root kind, "" if not merged
};

class TagbookFold {
 public:
  TagbookFold();

  // Whether the event was about the book; others are passed over.
  bool add(const Event& event);

  std::vector<TagKind> kinds() const;  // by order; retired and merged kinds are left out
  std::vector<KindView> all() const;   // by order
  // Where a kind's tags count: itself, or the root it was merged into.
  const std::string& root(const std::string& kind) const { return roots_.root(kind); }
  // Retired and merged ones too; nothing for a kind nobody defined.
  const TagKind* find(const std::string& kind) const;
  std::optional<KindView> view(const std::string& kind) const;
  // English labels it had before, oldest first.
  std::vector<std::string> former_labels(const std::string& kind) const;

 private:
  struct Entry {
    TagKind kind;
    bool retired = false;
    std::vector<std::string> former;
  };
  KindView view_of(const std::string& id, const Entry& entry) const;

  std::map<std::string, Entry> entries_;
  MergeRoots<std::string> roots_;
};

// The event types this fold needs, for a Replay's filter.
std::vector<std::string> tagbook_types();
// As TagbookFold::add tells it.
bool is_about_tagbook(const Event& event);

// Of a text by language: the English one, or the first there is, or nothing.
std::string english_of(const std::map<std::string, std::string>& texts);
// For a person: the English label, or the first there is, or the id.
std::string label_of(const TagKind& kind);

}  // namespace earful
