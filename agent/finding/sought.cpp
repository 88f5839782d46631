#include "agent/finding/sought.h"

#include <algorithm>

namespace earful::agent {
namespace {

using recorder::Letter;
using recorder::Run;

// Whether the run has the word from this letter on. begun: the word's last letter may go on.
bool stands_at(const Run& run, size_t at, const Run& word, bool begun) {
  const size_t count = word.letters.size();
  if (run.letters.size() - at < count) return false;
  for (size_t i = 0; i < count; ++i) {
    const std::string& there = run.letters[at + i].text;
    const std::string& wanted = word.letters[i].text;
    if (begun && i + 1 == count ? !there.starts_with(wanted) : there != wanted) return false;
  }
  return word.anywhere || begun || run.letters.size() == count;
}

// In order; those that touch become one.
std::vector<Stretch> joined(std::vector<Stretch> found) {
  std::sort(found.begin(), found.end(),
            [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
  std::vector<Stretch> apart;
  for (const Stretch& next : found) {
    if (apart.empty() || next.begin > apart.back().end) {
      apart.push_back(next);
    } else {
      apart.back().end = std::max(apart.back().end, next.end);
    }
  }
  return apart;
}

}  // namespace

Result<Sought> Sought::parse(std::string_view text) {
  if (text.size() > kMaxSoughtBytes) {
    return Error{"E_QUERY", "q is longer than " + std::to_string(kMaxSoughtBytes) +
                                " bytes; search for fewer words."};
  }
  Sought sought;
  sought.blank_ = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  sought.runs_ = recorder::runs_of(text);
  if (sought.runs_.size() > kMaxSoughtWords) {
    return Error{"E_QUERY", "q has more than " + std::to_string(kMaxSoughtWords) +
                                " words; search for fewer."};
  }
  return sought;
}

std::string Sought::expression() const {
  std::string all;
  for (const Run& run : runs_) {
    const auto& letters = run.letters;
    std::string tokens;
    if (!run.anywhere || letters.size() == 1) tokens = run.text();
    for (size_t i = 0; run.anywhere && i + 1 < letters.size(); ++i) {
      tokens += (i ? " " : "") + letters[i].text + letters[i + 1].text;
    }
    // A single letter stands in the index with the one after it.
    const bool begun = &run == &runs_.back() || (run.anywhere && letters.size() == 1);
    all += (all.empty() ? "\"" : " AND \"") + tokens + (begun ? "\"*" : "\"");
  }
  return all;
}

std::vector<Stretch> Sought::in(std::string_view text) const {
  std::vector<Stretch> found;
  for (const Run& run : recorder::runs_of(text)) {
    for (const Run& word : runs_) {
      if (word.anywhere != run.anywhere) continue;
      const bool begun = &word == &runs_.back() || (word.anywhere && word.letters.size() == 1);
      const size_t places = word.anywhere ? run.letters.size() : 1;
      for (size_t at = 0; at < places; ++at) {
        if (!stands_at(run, at, word, begun)) continue;
        found.push_back({run.letters[at].begin, run.letters[at + word.letters.size() - 1].end});
      }
    }
  }
  return joined(std::move(found));
}

}  // namespace earful::agent
