// Facts in a file's name: "{started_at:%Y%m%d-%H%M%S}_{queue}_{agent_ref}" reads
// "20261117-140500_billing_a17.wav". A field ends where the text after it begins; a time is read as
// strptime reads it, in this machine's time zone unless the pattern holds %z. "{}" passes over
// text. No thread of its own. Errors: E_PATTERN for a pattern, E_FACTS for a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/import/facts.h"
#include "base/result.h"

namespace earful::agent {

class NamePattern {
 public:
  static Result<NamePattern> parse(std::string_view pattern);

  // stem: the file's name without its extension.
  Result<void> apply(const std::string& stem, Facts& facts) const;

 private:
  struct Piece {
    std::string field;   // "" for one that is passed over
    std::string format;  // of a time, with %
    std::string after;   // the text that follows
  };
  std::string pattern_;
  std::string before_;
  std::vector<Piece> pieces_;
};

}  // namespace earful::agent
