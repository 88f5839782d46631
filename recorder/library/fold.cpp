#include "recorder/library/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "base/check.h"

namespace earful::recorder {
namespace {

bool loses_marks(UScriptCode script) {
  return script == USCRIPT_LATIN || script == USCRIPT_HEBREW || script == USCRIPT_ARABIC;
}

icu::UnicodeString strip_marks(const icu::UnicodeString& text) {
  icu::UnicodeString kept;
  UScriptCode base = USCRIPT_COMMON;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &status);
    if (u_charType(c) == U_NON_SPACING_MARK) {
      // An inherited mark belongs to the letter before it.
      if (loses_marks(script == USCRIPT_INHERITED ? base : script)) continue;
    } else {
      base = script;
    }
    kept.append(c);
  }
  return kept;
}

// Whether folding would change nothing, as with most letters that have no case: seen without making
// the three forms of the text. False does not mean that it would.
bool is_folded(std::string_view text, const icu::Normalizer2& folder,
               const icu::Normalizer2& decompose) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    UChar32 c = 0;
    U8_NEXT(bytes, i, text.size(), c);
    if (c < 0) return false;
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &status);
    const bool mark = u_charType(c) == U_NON_SPACING_MARK;
    if (mark && (script == USCRIPT_INHERITED || loses_marks(script))) return false;
    if (loses_marks(script) && !decompose.isInert(c)) return false;
  }
  UErrorCode status = U_ZERO_ERROR;
  return folder.isNormalizedUTF8(icu::StringPiece(text.data(), int32_t(text.size())), status) &&
         U_SUCCESS(status);
}

}  // namespace

std::string fold(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* folder = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(status);
  const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(status);
  EARFUL_CHECK(U_SUCCESS(status));
  if (is_folded(text, *folder, *decompose)) return std::string(text);
  const auto utf16 =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), int32_t(text.size())));
  const auto folded = folder->normalize(utf16, status);
  const auto stripped = strip_marks(decompose->normalize(folded, status));
  std::string result;
  compose->normalize(stripped, status).toUTF8String(result);
  EARFUL_CHECK(U_SUCCESS(status));
  return result;
}

std::vector<std::string> folded_words(std::string_view text) {
  std::vector<std::string> words(1);
  for (char c : fold(text)) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(c);
    }
    if (words.size() > kMaxSearchWords) break;
  }
  if (words.back().empty() || words.size() > kMaxSearchWords) words.pop_back();
  return words;
}

}  // namespace earful::recorder
