// Which kinds of the tag book are called much the same? Two kinds for one thing split what they
// count, so a new name is compared with all there are, in every language. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proto/tagbook_fold.h"

namespace earful::agent {

// Spelling, case, marks, spaces and word order aside; a word that is left out makes no other name.
bool is_near(std::string_view a, std::string_view b);

// Nearest first; retired kinds too (they can be brought back), merged ones and `except` not.
std::vector<KindView> near_kinds(const TagbookFold& book,
                                 const std::map<std::string, std::string>& labels,
                                 std::string_view except);

}  // namespace earful::agent
