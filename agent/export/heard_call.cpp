#include "agent/export/heard_call.h"

#include <map>

namespace earful::agent {
namespace {

std::string label_of(const TagKind& kind, const std::string& language) {
  for (const std::string& wanted : {language, std::string("en")}) {
    const auto label = kind.labels.find(wanted);
    if (label != kind.labels.end() && !label->second.empty()) return label->second;
  }
  return kind.id;
}

}  // namespace

Result<HeardCall> heard_call(recorder::Library& library, State* state, const CallId& id,
                             const std::string& language) {
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, library.find(id));
  if (!call) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
  HeardCall heard{*call, {}};
  if (!state) return heard;
  EARFUL_ASSIGN(const std::vector<KindView> kinds, state->kinds());
  std::map<std::string, const KindView*> by_id;
  for (const KindView& kind : kinds) by_id[kind.kind.id] = &kind;
  EARFUL_ASSIGN(const std::vector<TagView> tags, state->tags_of(id));
  for (const TagView& tag : tags) {
    HeardTag out{tag, tag.kind, tag.kind, ""};
    const auto known = by_id.find(tag.kind);
    if (known != by_id.end() && !known->second->merged_into.empty()) {
      out.kind = known->second->merged_into;
    }
    const auto root = by_id.find(out.kind);
    if (root != by_id.end()) {
      out.label = label_of(root->second->kind, language);
      out.family = root->second->kind.family;
    }
    heard.tags.push_back(std::move(out));
  }
  return heard;
}

}  // namespace earful::agent
