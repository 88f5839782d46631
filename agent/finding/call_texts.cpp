#include "agent/finding/call_texts.h"

#include <algorithm>
#include <set>

namespace earful::agent {
namespace {

constexpr size_t kBeforeMark = 30;  // code points kept before the first mark of a long text
constexpr std::string_view kMore = "…";

bool begins_code_point(char byte) { return (uint8_t(byte) & 0xC0) != 0x80; }

size_t code_points(std::string_view text) {
  return size_t(std::count_if(text.begin(), text.end(), begins_code_point));
}

// The byte at which code point number `count` begins.
size_t byte_of(std::string_view text, size_t count) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_code_point(text[at]) && count-- == 0) break;
  }
  return at;
}

// Cuts what is too long around its first mark, and counts in code points from there.
void cut(Match& match) {
  const std::string whole = match.where.text;
  const std::string_view text = whole;
  const size_t first = code_points(text.substr(0, match.marks.front().begin));
  const bool fits = code_points(text) <= kMaxMatchCodePoints;
  const size_t skipped = fits || first <= kBeforeMark ? 0 : first - kBeforeMark;
  const size_t begin = byte_of(text, skipped);
  const size_t end = fits ? text.size() : begin + byte_of(text.substr(begin), kMaxMatchCodePoints);
  const std::string before(skipped ? kMore : "");
  match.where.text =
      before + whole.substr(begin, end - begin) + std::string(end < text.size() ? kMore : "");
  const auto place = [&](size_t byte) {
    return code_points(before) + code_points(text.substr(begin, std::min(byte, end) - begin));
  };
  std::erase_if(match.marks, [&](const Stretch& mark) { return mark.begin >= end; });
  for (Stretch& mark : match.marks) mark = {place(mark.begin), place(mark.end)};
}

}  // namespace

KindNames::KindNames(std::span<const KindView> kinds) {
  for (const KindView& view : kinds) {
    if (!view.merged_into.empty()) roots_[view.kind.id] = view.merged_into;
    labels_[view.kind.id] = view.kind.labels;
  }
}

std::string KindNames::root(const std::string& kind) const {
  const auto found = roots_.find(kind);
  return found == roots_.end() ? kind : found->second;
}

const std::map<std::string, std::string>& KindNames::labels(const std::string& kind) const {
  static const std::map<std::string, std::string> none;
  const auto found = labels_.find(kind);
  return found == labels_.end() ? none : found->second;
}

std::vector<std::string> kinds_of(std::span<const TagView> tags, const KindNames& names) {
  std::vector<std::string> kinds;
  for (const TagView& tag : tags) kinds.push_back(names.root(tag.kind));
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return kinds;
}

std::vector<CallText> texts_of(const recorder::Call& call, std::span<const TagView> tags,
                               const KindNames& names) {
  const CallSnapshot& facts = call.snapshot;
  std::vector<CallText> texts;
  const auto add = [&](CallText text) {
    if (!text.text.empty()) texts.push_back(std::move(text));
  };
  add({.field = "queue", .text = facts.queue});
  add({.field = "team", .text = facts.team});
  add({.field = "agent_name", .text = call.agent_name});
  add({.field = "agent_ref", .text = facts.agent_ref});
  add({.field = "external_id", .text = facts.external_id});
  for (const auto& [name, value] : facts.labels) {
    add({.field = "label", .text = name + ": " + value});
  }
  for (const TagView& tag : tags) add({.field = "note", .text = tag.note, .tag = tag.id});
  for (const std::string& root : kinds_of(tags, names)) {
    std::set<std::string> told;
    const auto add_names_of = [&](const std::string& kind) {
      for (const auto& [language, label] : names.labels(kind)) {
        if (!told.insert(label).second) continue;
        add({.field = "kind", .text = label, .kind = root, .language = language});
      }
    };
    add_names_of(root);
    for (const TagView& tag : tags) {
      if (tag.kind != root && names.root(tag.kind) == root) add_names_of(tag.kind);
    }
  }
  return texts;
}

std::vector<Match> matches_in(std::span<const CallText> texts, const Sought& sought) {
  std::vector<Match> matches;
  for (const CallText& text : texts) {
    if (matches.size() == kMaxMatches) break;
    // One name of a kind is enough.
    if (!text.kind.empty() && !matches.empty() && matches.back().where.kind == text.kind) continue;
    Match match{text, sought.in(text.text)};
    if (match.marks.empty()) continue;
    cut(match);
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace earful::agent
