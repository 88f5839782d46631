// What a tag of a kind is to whoever hears its customer's next call. Any thread.
#pragma once

#include <string>

#include "proto/tagbook_fold.h"

namespace earful {

enum class PastKind { kNothing, kProblem, kPromise };

// Of a merged kind: what its root is. A kind nobody defined was made by a newer program, and is a
// problem: better shown than lost.
PastKind past_kind(const TagbookFold& book, const std::string& kind);

}  // namespace earful
