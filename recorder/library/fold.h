// Text made comparable for search: NFKC with case folded, marks stripped for Latin, Hebrew and
// Arabic only (in Lao, Korean and others a mark is part of the word). Bytes that are not UTF-8
// become U+FFFD. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace earful::recorder {

std::string fold(std::string_view text);

// The words of a search, folded; at most kMaxSearchWords, so that no query grows without end.
inline constexpr size_t kMaxSearchWords = 16;
std::vector<std::string> folded_words(std::string_view text);

}  // namespace earful::recorder
