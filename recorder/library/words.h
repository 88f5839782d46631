// Text as search sees it: runs of letters, folded (fold.h), each letter with the bytes it came
// from. Any thread.
//
// Most scripts part words by spaces, so a word is a run and is found from its beginning. In the
// others a word may begin anywhere in a run: Lao, Thai, Chinese and Japanese do without spaces,
// Korean, Hebrew and Arabic join small words to others, and emoji stand side by side. Such a run is
// searched from any of its letters. No dictionary says where its words end: one would have to know
// every product's name, and two texts would be parted differently.
//
// A letter is a character and the marks that belong to it; of the two ways to write the Lao vowel
// AM folding leaves one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace earful::recorder {

struct Letter {
  std::string text;  // folded
  size_t begin = 0;  // bytes of the text it came from
  size_t end = 0;
};

struct Run {
  bool anywhere = false;  // searched from any of its letters
  std::vector<Letter> letters;
  std::string text() const;
};

std::vector<Run> runs_of(std::string_view text);

// The tokens a full-text index keeps for a text, parted by spaces: a run as a whole or, where it is
// searched from any letter, every letter with the next one, and the last alone. They have no ASCII
// but letters and digits, so that an index which splits at the rest of ASCII splits them nowhere
// else.
std::string index_tokens(std::string_view text);

}  // namespace earful::recorder
