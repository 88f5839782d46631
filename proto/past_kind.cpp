#include "proto/past_kind.h"

namespace earful {

PastKind past_kind(const TagbookFold& book, const std::string& kind) {
  const TagKind* found = book.find(book.root(kind));
  if (!found) return PastKind::kProblem;
  if (found->family == "promise") return PastKind::kPromise;
  return found->severity == 0 ? PastKind::kNothing : PastKind::kProblem;
}

}  // namespace earful
