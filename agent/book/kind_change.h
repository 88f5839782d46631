// A change of the tag book as somebody asks for it, judged by the book as it is at that moment.
// Pure; any thread: what may be done is decided on the scribe's, where nothing can come between.
//
// Errors, each a line for a person: E_NO_KIND unknown; E_EXISTS the id is taken; E_REVISION
// somebody changed the kind since; E_KEY another kind has the key; E_MERGED, E_RETIRED the kind is
// no longer in use; E_RING a merge into itself; E_NEAR much the same name (near_kinds.h); E_FIELD a
// value that does not fit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/tagbook_fold.h"

namespace earful::agent {

inline constexpr size_t kMaxLabelBytes = 200;
inline constexpr size_t kMaxHintBytes = 400;
inline constexpr uint32_t kMaxLeadMs = 60'000;  // nobody notices a thing a minute late
inline constexpr uint32_t kMaxOrder = 9999;

// What is absent stays as it was.
struct KindChange {
  std::optional<std::string> family;
  std::map<std::string, std::string> labels;  // by language; an empty one is removed
  std::optional<std::string> hint;            // hints.en, of who knows no other
  std::map<std::string, std::string> hints;   // as labels
  std::optional<std::string> key;
  std::optional<std::string> shape;  // "point" or "range"
  std::optional<double> lead_ms, lag_ms, severity, order;
  std::optional<std::string> opens;
  std::vector<std::string> sets;  // none: as it was
  std::optional<double> revision;
  bool sure = false;  // the name is meant, though there is one much the same
};

// What a definition shall say; nothing where the book says it already. near: what E_NEAR means.
Result<std::optional<TagKind>> define_kind(const TagbookFold& book, const std::string& id,
                                           const KindChange& change, std::vector<KindView>& near);
Result<std::optional<TagKind>> revise_kind(const TagbookFold& book, const std::string& id,
                                           const KindChange& change, std::vector<KindView>& near);
// Brings a retired kind back, changed as asked (its key may have gone to another).
Result<std::optional<TagKind>> restore_kind(const TagbookFold& book, const std::string& id,
                                            const KindChange& change, std::vector<KindView>& near);

// False: it is so already.
Result<bool> may_merge(const TagbookFold& book, const std::string& from, const std::string& into,
                       std::optional<double> revision);
Result<bool> may_retire(const TagbookFold& book, const std::string& id,
                        std::optional<double> revision);

// Of a kind somebody made without saying: from its English label where that has Latin letters.
std::string free_kind_id(const TagbookFold& book, const std::map<std::string, std::string>& labels);

}  // namespace earful::agent
