#include "recorder/library/words.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "base/check.h"
#include "recorder/library/fold.h"

namespace earful::recorder {
namespace {

constexpr UChar32 kReplacement = 0xFFFD;  // what bytes that are not UTF-8 become
constexpr UChar32 kTatweel = 0x0640;      // stretches an Arabic word and is no letter of it

UChar32 next_character(std::string_view text, size_t& at) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  UChar32 c = 0;
  U8_NEXT_OR_FFFD(bytes, at, text.size(), c);
  return c;
}

void append(std::string& text, UChar32 c) {
  char bytes[U8_MAX_LENGTH];
  size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  text.append(bytes, length);
}

bool is_mark(UChar32 c) {
  return (U_GET_GC_MASK(c) & U_GC_M_MASK) || u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER);
}

bool is_letter(UChar32 c) {
  return c != kReplacement && c != kTatweel &&
         ((U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) || u_charType(c) == U_OTHER_SYMBOL);
}

// Whether words of its script begin inside a run; a letter of no script goes with those before it.
bool is_anywhere(UChar32 c, bool before) {
  if (u_charType(c) == U_OTHER_SYMBOL) return true;
  if (u_isdigit(c)) return false;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
      return before;
    case USCRIPT_ARABIC:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_HAN:
    case USCRIPT_HANGUL:
    case USCRIPT_HEBREW:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_KHMER:
    case USCRIPT_LAO:
    case USCRIPT_MYANMAR:
    case USCRIPT_THAI:
      return true;
    default:
      return false;
  }
}

class Reader {
 public:
  // One folded character and the bytes it came from.
  void take(UChar32 c, size_t begin, size_t end) {
    if (is_mark(c)) {
      if (!in_run_) return;
      append(runs_.back().letters.back().text, c);
      runs_.back().letters.back().end = end;
      return;
    }
    if (c == kTatweel && in_run_) return;
    if (!is_letter(c)) {
      in_run_ = false;
      return;
    }
    const bool anywhere = is_anywhere(c, in_run_ && runs_.back().anywhere);
    if (!in_run_ || runs_.back().anywhere != anywhere) runs_.push_back({anywhere, {}});
    in_run_ = true;
    const UChar32 written = u_isdigit(c) ? '0' + u_charDigitValue(c) : c;
    append(runs_.back().letters.emplace_back(Letter{"", begin, end}).text, written);
  }

  std::vector<Run> runs() { return std::move(runs_); }

 private:
  std::vector<Run> runs_;
  bool in_run_ = false;  // the last character belongs to runs_.back()
};

}  // namespace

std::string Run::text() const {
  std::string all;
  for (const Letter& letter : letters) all += letter.text;
  return all;
}

std::vector<Run> runs_of(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* folder = icu::Normalizer2::getNFKCCasefoldInstance(status);
  EARFUL_CHECK(U_SUCCESS(status));
  Reader reader;
  // Folded piece by piece, cut where nothing joins, so that every letter's bytes are known.
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const UChar32 first = next_character(text, at);
    const size_t one = at;
    for (size_t next = at; at < text.size(); at = next) {
      const UChar32 c = next_character(text, next);
      if (folder->hasBoundaryBefore(c)) break;
    }
    if (at == one && first < 0x80) {
      reader.take(u_tolower(first), begin, at);
      continue;
    }
    const std::string folded = fold(text.substr(begin, at - begin));
    for (size_t i = 0; i < folded.size();) reader.take(next_character(folded, i), begin, at);
  }
  return reader.runs();
}

std::string index_tokens(std::string_view text) {
  std::string tokens;
  for (const Run& run : runs_of(text)) {
    if (!run.anywhere) {
      tokens += run.text() + ' ';
      continue;
    }
    for (size_t i = 0; i < run.letters.size(); ++i) {
      tokens += run.letters[i].text;
      if (i + 1 < run.letters.size()) tokens += run.letters[i + 1].text;
      tokens += ' ';
    }
  }
  return tokens;
}

}  // namespace earful::recorder
