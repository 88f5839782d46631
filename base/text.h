// Text from outside on its way to a person: characters that would steer a terminal, break a line or
// turn the direction of what stands beside them. Marks that only order a mixed text (U+200E,
// U+200F) are none of these. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace earful {

// C0, DEL, C1, U+2028, U+2029, and the embeddings, overrides and isolates of bidirectional text.
bool has_controls(std::string_view utf8);
// Each of them a '?'.
std::string without_controls(std::string_view utf8);

}  // namespace earful
