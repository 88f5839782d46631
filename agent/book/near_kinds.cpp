#include "agent/book/near_kinds.h"

#include <algorithm>
#include <limits>

#include "recorder/library/fold.h"

namespace earful::agent {
namespace {

constexpr size_t kFar = std::numeric_limits<size_t>::max();

// Names shorter than this differ by one letter at most, and those below kShortest not at all.
constexpr size_t kLong = 5, kShortest = 3;

std::u32string points_of(std::string_view utf8) {
  std::u32string points;
  for (const char c : utf8) {
    const auto byte = uint8_t(c);
    if ((byte & 0xC0) == 0x80 && !points.empty()) {
      points.back() = (points.back() << 6) | (byte & 0x3F);
    } else {
      points.push_back(byte < 0x80 ? byte : byte < 0xE0 ? byte & 0x1F : byte & 0x0F);
    }
  }
  return points;
}

size_t distance(const std::u32string& a, const std::u32string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t kept = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = kept;
    }
  }
  return row[b.size()];
}

struct Name {
  std::vector<std::string> words;
  std::u32string tight;  // without spaces
};

Name name_of(std::string_view text) {
  Name name;
  name.words = recorder::folded_words(text);
  std::string tight;
  for (const std::string& word : name.words) tight += word;
  name.tight = points_of(tight);
  return name;
}

// How far apart two names are; kFar where they have nothing to do with each other.
size_t apart(const Name& a, const Name& b) {
  if (a.tight.empty() || b.tight.empty()) return kFar;
  if (a.tight == b.tight) return 0;
  const size_t length = std::min(a.tight.size(), b.tight.size());
  const size_t longest = std::max(a.tight.size(), b.tight.size());
  const size_t allowed = length < kLong ? 1 : 2;
  if (length >= kShortest && longest - length <= allowed) {
    if (const size_t edits = distance(a.tight, b.tight); edits <= allowed) return edits;
  }
  const auto& few = a.words.size() <= b.words.size() ? a.words : b.words;
  const auto& many = a.words.size() <= b.words.size() ? b.words : a.words;
  const bool contained = std::all_of(few.begin(), few.end(), [&](const std::string& word) {
    return std::find(many.begin(), many.end(), word) != many.end();
  });
  return contained ? allowed + 1 : kFar;
}

}  // namespace

bool is_near(std::string_view a, std::string_view b) {
  return apart(name_of(a), name_of(b)) != kFar;
}

std::vector<KindView> near_kinds(const TagbookFold& book,
                                 const std::map<std::string, std::string>& labels,
                                 std::string_view except) {
  std::vector<Name> names;
  for (const auto& [language, label] : labels) names.push_back(name_of(label));
  std::vector<std::pair<size_t, KindView>> found;
  for (KindView& view : book.all()) {
    if (view.kind.id == except || !view.merged_into.empty()) continue;
    size_t nearest = kFar;
    for (const auto& [language, label] : view.kind.labels) {
      const Name other = name_of(label);
      for (const Name& name : names) nearest = std::min(nearest, apart(name, other));
    }
    if (nearest != kFar) found.emplace_back(nearest, std::move(view));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<KindView> views;
  for (auto& [nearest, view] : found) views.push_back(std::move(view));
  return views;
}

}  // namespace earful::agent
