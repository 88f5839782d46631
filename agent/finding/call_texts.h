// What can be found of a call: its facts, the names of its tags' kinds in every language, its
// notes. The index keeps these texts and the API shows where a search stands in them. Any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "agent/finding/sought.h"
#include "agent/state/state.h"
#include "base/hash.h"
#include "recorder/library/library.h"

namespace earful::agent {

// The tag book as a search needs it: a merged kind counts as what it went into, and is found by the
// names of both.
class KindNames {
 public:
  explicit KindNames(std::span<const KindView> kinds);
  std::string root(const std::string& kind) const;
  // By language; none for a kind the book does not have.
  const std::map<std::string, std::string>& labels(const std::string& kind) const;
  bool operator==(const KindNames&) const = default;

 private:
  std::map<std::string, std::string> roots_;
  std::map<std::string, std::map<std::string, std::string>> labels_;
};

struct CallText {
  std::string
      field;  // "queue", "team", "agent_ref", "agent_name", "external_id", "label", "kind", "note"
  std::string text;
  std::string kind = {};      // of a kind
  std::string language = {};  // of a kind's name
  EventId tag = {};           // of a note
};

std::vector<CallText> texts_of(const recorder::Call& call, std::span<const TagView> tags,
                               const KindNames& names);
// Once each.
std::vector<std::string> kinds_of(std::span<const TagView> tags, const KindNames& names);

// A text in which a search was found, cut to what fits a line; marks count code points of it.
struct Match {
  CallText where;
  std::vector<Stretch> marks;
};
inline constexpr size_t kMaxMatches = 6;  // of a call: the others show nothing new
inline constexpr size_t kMaxMatchCodePoints = 120;

std::vector<Match> matches_in(std::span<const CallText> texts, const Sought& sought);

}  // namespace earful::agent
