#include "agent/book/kind_change.h"

#include <algorithm>
#include <cmath>

#include "agent/book/near_kinds.h"
#include "base/text.h"
#include "proto/tagbook.h"
#include "recorder/library/fold.h"

namespace earful::agent {
namespace {

// Where kinds may lie on the keyboard: under the left hand. The others are the player's.
constexpr std::string_view kKeys[] = {
    "KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyA",   "KeyS",   "KeyD",   "KeyF",   "KeyG",
    "KeyZ", "KeyX", "KeyC", "KeyV", "KeyB", "Digit1", "Digit2", "Digit3", "Digit4", "Digit5"};
constexpr std::string_view kSets[] = {"hour", "desk"};
constexpr size_t kMaxIdBytes = 40;
constexpr uint32_t kUsualLeadMs = 10'000, kUsualLagMs = 5'000;

Error bad(const std::string& what) { return {"E_FIELD", what}; }

std::string named(const TagKind& kind) {
  return "\u201c" + label_of(kind) + "\u201d (" + kind.id + ")";
}

Result<void> check_id(const std::string& id) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (!id.empty() && id.size() <= kMaxIdBytes && std::all_of(id.begin(), id.end(), fits)) return {};
  return bad("The field id has 1 to 40 letters a to z, digits and hyphens; leave it out for one.");
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Result<void> check_text(const std::string& field, const std::string& text, size_t limit) {
  if (text.size() <= limit && !has_controls(text)) return {};
  return bad("The field " + field + " has at most " + std::to_string(limit) +
             " bytes, no control characters and none that turn the direction of text.");
}

// By language; an empty one is removed.
using Texts = std::map<std::string, std::string>;
Result<void> merge_texts(const std::string& field, const Texts& given, size_t limit, Texts& to) {
  for (const auto& [language, text] : given) {
    const bool known =
        language.size() >= 2 && language.size() <= 3 &&
        std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!known) return bad("The field " + field + " is by language: en, he, ko, lo.");
    const std::string said = trimmed(text);
    EARFUL_TRY(check_text(field + "." + language, said, limit));
    if (said.empty()) {
      to.erase(language);
    } else {
      to[language] = said;
    }
  }
  if (to.size() > kMaxLanguages) return bad("The field " + field + " has over 16 languages.");
  return {};
}

Result<void> merge_labels(const KindChange& change, TagKind& kind) {
  Texts given = change.labels;
  for (auto& [language, label] : given) {
    if (recorder::folded_words(label).empty()) label.clear();  // invisible characters are no name
  }
  EARFUL_TRY(merge_texts("labels", given, kMaxLabelBytes, kind.labels));
  if (kind.labels.empty()) return bad("The field labels needs a name in one language at least.");
  return {};
}

Result<void> merge_hints(const KindChange& change, TagKind& kind) {
  Texts given = change.hints;
  if (change.hint) {
    const std::string hint = trimmed(*change.hint);
    EARFUL_TRY(check_text("hint", hint, kMaxHintBytes));
    if (hint != kind.hint) given.emplace("en", hint);
  }
  if (given.empty()) return {};
  EARFUL_TRY(merge_texts("hints", given, kMaxHintBytes, kind.hints));
  kind.hint = english_of(kind.hints);
  return {};
}

Result<void> set_number(const char* field, const std::optional<double>& given, uint32_t most,
                        uint32_t& to) {
  if (!given) return {};
  if (!(*given >= 0 && *given <= most) || *given != std::floor(*given)) {
    return bad("The field " + std::string(field) + " is a whole number from 0 to " +
               std::to_string(most) + ".");
  }
  to = uint32_t(*given);
  return {};
}

Result<void> set_shape(const std::optional<std::string>& given, TagShape& to) {
  if (!given) return {};
  if (*given != "point" && *given != "range") return bad("The field shape is point or range.");
  to = *given == "range" ? TagShape::kRange : TagShape::kPoint;
  return {};
}

Result<void> set_family(const std::optional<std::string>& given, std::string& to) {
  if (!given || *given == to) return {};
  std::string all;
  for (const TagFamily& family : default_tagbook().families) {
    if (family.id == *given) {
      to = *given;
      return {};
    }
    all += (all.empty() ? "" : ", ") + family.id;
  }
  return bad("The field family is one of " + all + ".");
}

Result<void> set_opens(const std::optional<std::string>& given, std::string& to) {
  if (!given || *given == to) return {};
  std::string all;
  for (const TagKind& kind : default_tagbook().kinds) {
    if (given->empty() || kind.opens == *given) {
      to = *given;
      return {};
    }
    if (!kind.opens.empty() && all.find(kind.opens) == std::string::npos) {
      all += (all.empty() ? "" : ", ") + kind.opens;
    }
  }
  return bad("The field opens is empty, or one of " + all + ".");
}

Result<void> set_panels(const std::vector<std::string>& given, std::vector<std::string>& to) {
  for (const std::string& set : given) {
    if (std::find(std::begin(kSets), std::end(kSets), set) == std::end(kSets)) {
      return bad("The field sets is a list of hour and desk.");
    }
  }
  if (!given.empty()) to = given;
  return {};
}

Result<void> check_key_is_free(const TagbookFold& book, const TagKind& kind) {
  for (const TagKind& other : book.kinds()) {
    if (kind.key.empty() || other.key != kind.key || other.id == kind.id) continue;
    return Error{"E_KEY", "The key " + kind.key + " is that of " + named(other) +
                              "; give that one another key first."};
  }
  return {};
}

Result<void> set_key(const TagbookFold& book, const std::optional<std::string>& given,
                     TagKind& to) {
  if (!given || *given == to.key) return {};
  const bool known = std::find(std::begin(kKeys), std::end(kKeys), *given) != std::end(kKeys);
  if (!given->empty() && !known) {
    return bad(
        "The field key is empty or KeyQ W E R T, KeyA S D F G, KeyZ X C V B, Digit1 to 5: the "
        "others play the call.");
  }
  to.key = *given;
  return check_key_is_free(book, to);
}

// kind: as it was, or as a new one begins. The key is checked last, so that its holder is named
// only when all else fits.
Result<void> apply(const TagbookFold& book, const KindChange& change, TagKind& kind) {
  EARFUL_TRY(set_family(change.family, kind.family));
  EARFUL_TRY(merge_labels(change, kind));
  EARFUL_TRY(merge_hints(change, kind));
  EARFUL_TRY(set_shape(change.shape, kind.shape));
  EARFUL_TRY(set_number("lead_ms", change.lead_ms, kMaxLeadMs, kind.lead_ms));
  EARFUL_TRY(set_number("lag_ms", change.lag_ms, kMaxLeadMs, kind.lag_ms));
  EARFUL_TRY(set_number("severity", change.severity, 3, kind.severity));
  EARFUL_TRY(set_number("order", change.order, kMaxOrder, kind.order));
  EARFUL_TRY(set_opens(change.opens, kind.opens));
  EARFUL_TRY(set_panels(change.sets, kind.sets));
  return set_key(book, change.key, kind);
}

Result<void> check_name(const TagbookFold& book, const KindChange& change, const TagKind& kind,
                        const std::map<std::string, std::string>& before,
                        std::vector<KindView>& near) {
  std::map<std::string, std::string> fresh;
  for (const auto& [language, label] : kind.labels) {
    const auto old = before.find(language);
    if (old == before.end() || old->second != label) fresh[language] = label;
  }
  near = change.sure ? std::vector<KindView>() : near_kinds(book, fresh, kind.id);
  if (near.empty()) return {};
  return Error{"E_NEAR", "There is " + named(near.front().kind) +
                             (near.front().retired ? ", retired" : "") +
                             " already; use that one, or send \"sure\": true for another."};
}

Result<KindView> known(const TagbookFold& book, const std::string& id) {
  if (auto view = book.view(id)) return *std::move(view);
  return Error{"E_NO_KIND", "There is no such kind of tag; GET /api/v1/tagbook lists them."};
}

Result<void> check_revision(const TagKind& kind, std::optional<double> revision) {
  if (!revision || *revision == kind.revision) return {};
  return Error{"E_REVISION", named(kind) + " was changed meanwhile (it has revision " +
                                 std::to_string(kind.revision) + "); look at it and try again."};
}

Error merged_error(const KindView& view) {
  return {"E_MERGED",
          named(view.kind) + " was merged into " + view.merged_into + "; change that one."};
}

std::optional<TagKind> unless_same(const TagKind& before, TagKind now) {
  if (before == now) return std::nullopt;
  now.revision = before.revision + 1;
  return now;
}

}  // namespace

std::string free_kind_id(const TagbookFold& book,
                         const std::map<std::string, std::string>& labels) {
  std::string stem;
  const auto english = labels.find("en");
  for (const char c : english == labels.end() ? "" : english->second) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter || (c >= 'A' && c <= 'Z')) {
      stem += letter ? c : char(c - 'A' + 'a');
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
    if (stem.size() == kMaxIdBytes - 8) break;  // room for a number
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  if (stem.empty()) stem = "kind";
  std::string id = stem;
  for (int n = 2; book.find(id) || book.root(id) != id; ++n) id = stem + "-" + std::to_string(n);
  return id;
}

Result<std::optional<TagKind>> define_kind(const TagbookFold& book, const std::string& id,
                                           const KindChange& change, std::vector<KindView>& near) {
  TagKind kind{.lead_ms = kUsualLeadMs, .lag_ms = kUsualLagMs, .severity = 3, .revision = 1};
  kind.sets = {"desk"};
  for (const KindView& view : book.all()) {
    kind.order = std::min(kMaxOrder, std::max(kind.order, view.kind.order + 1));
  }
  if (!change.family) return bad("The field family is missing.");
  if (!id.empty()) EARFUL_TRY(check_id(id));
  if (const auto holder = id.empty() ? std::nullopt : book.view(id)) {
    return Error{"E_EXISTS", "The id " + id + " is that of " + named(holder->kind) +
                                 "; leave it out for another."};
  }
  if (!id.empty() && book.root(id) != id) {
    return Error{"E_EXISTS", "The id " + id + " was merged into " + book.root(id) +
                                 "; leave it out for another."};
  }
  kind.id = id;
  EARFUL_TRY(apply(book, change, kind));
  if (id.empty()) kind.id = free_kind_id(book, kind.labels);
  EARFUL_TRY(check_name(book, change, kind, {}, near));
  return std::optional(std::move(kind));
}

Result<std::optional<TagKind>> revise_kind(const TagbookFold& book, const std::string& id,
                                           const KindChange& change, std::vector<KindView>& near) {
  EARFUL_ASSIGN(const KindView view, known(book, id));
  if (!view.merged_into.empty()) return merged_error(view);
  if (view.retired) {
    return Error{"E_RETIRED", named(view.kind) + " is retired; bring it back first."};
  }
  if (!change.revision)
    return bad("The field revision is missing: that of the kind as you saw it.");
  TagKind kind = view.kind;
  EARFUL_TRY(apply(book, change, kind));
  auto revised = unless_same(view.kind, std::move(kind));
  if (!revised) return revised;  // also told a second time, when the first answer was lost
  EARFUL_TRY(check_revision(view.kind, change.revision));
  EARFUL_TRY(check_name(book, change, *revised, view.kind.labels, near));
  return revised;
}

Result<std::optional<TagKind>> restore_kind(const TagbookFold& book, const std::string& id,
                                            const KindChange& change, std::vector<KindView>& near) {
  EARFUL_ASSIGN(const KindView view, known(book, id));
  if (!view.merged_into.empty()) return merged_error(view);
  if (!view.retired) return std::optional<TagKind>();
  EARFUL_TRY(check_revision(view.kind, change.revision));
  TagKind kind = view.kind;
  EARFUL_TRY(apply(book, change, kind));
  EARFUL_TRY(check_key_is_free(book, kind));  // it may have gone to another meanwhile
  EARFUL_TRY(check_name(book, change, kind, view.kind.labels, near));
  ++kind.revision;
  return std::optional(std::move(kind));
}

Result<bool> may_merge(const TagbookFold& book, const std::string& from, const std::string& into,
                       std::optional<double> revision) {
  EARFUL_ASSIGN(const KindView source, known(book, from));
  EARFUL_ASSIGN(const KindView target, known(book, into));
  if (from == into || book.root(into) == from) {
    return Error{"E_RING", named(target.kind) + " counts as " + named(source.kind) +
                               " itself; merge into another kind."};
  }
  if (!source.merged_into.empty()) {
    if (source.merged_into == book.root(into)) return false;
    return merged_error(source);
  }
  EARFUL_ASSIGN(const KindView root, known(book, book.root(into)));
  if (root.retired) {
    return Error{"E_RETIRED", named(root.kind) + " is retired; bring it back first."};
  }
  EARFUL_TRY(check_revision(source.kind, revision));
  return true;
}

Result<bool> may_retire(const TagbookFold& book, const std::string& id,
                        std::optional<double> revision) {
  EARFUL_ASSIGN(const KindView view, known(book, id));
  if (!view.merged_into.empty()) return merged_error(view);
  if (view.retired) return false;
  EARFUL_TRY(check_revision(view.kind, revision));
  return true;
}

}  // namespace earful::agent
