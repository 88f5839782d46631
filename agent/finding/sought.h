// What a person typed to find calls: words, in any script. Nothing in it is an operator. Any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "recorder/library/words.h"

namespace earful::agent {

// More than anybody types; without a limit one request could hold up all others.
inline constexpr size_t kMaxSoughtBytes = 1000;
inline constexpr size_t kMaxSoughtWords = 32;

struct Stretch {  // of a text, in bytes
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const Stretch&) const = default;
};

class Sought {
 public:
  Sought() = default;
  // E_QUERY: too long.
  static Result<Sought> parse(std::string_view text);

  bool blank() const { return blank_; }            // nothing was typed: all calls
  bool wordless() const { return runs_.empty(); }  // nothing a call could have: no call
  // For FTS5, over the tokens of index_tokens(): all words, the last one perhaps only begun. ""
  // where there are none.
  std::string expression() const;
  // Where its words stand in a text, in order and apart.
  std::vector<Stretch> in(std::string_view text) const;

 private:
  std::vector<recorder::Run> runs_;
  bool blank_ = true;
};

}  // namespace earful::agent
