// What events have made of the default tag book. Any thread; feed it the events in feed order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/event.h"

namespace earful::collector {

class TagbookFold {
 public:
  TagbookFold();

  // Events about anything else are passed over.
  void add(const Event& event);

  // By order. Retired and merged kinds are left out.
  std::vector<TagKind> kinds() const;
  // Where a kind's tags count: itself, or the root it was merged into.
  const std::string& root(const std::string& kind) const;
  // Retired and merged ones too; nothing for a kind nobody defined.
  const TagKind* find(const std::string& kind) const;

 private:
  struct Entry {
    TagKind kind;
    bool retired = false;
  };
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> merged_into_;
};

// The event types this fold needs, for a Replay's filter.
std::vector<std::string> tagbook_types();

}  // namespace earful::collector
