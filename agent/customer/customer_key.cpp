#include "agent/customer/customer_key.h"

#include <phonenumbers/phonenumberutil.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/hash.h"

namespace earful::agent {
namespace {

std::string nfkc_trimmed(std::string_view raw) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  const auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(raw.data(), int(raw.size())));
  icu::UnicodeString normal = nfkc->normalize(text, status);
  int32_t first = 0, last = normal.length();
  while (first < last && u_isUWhiteSpace(normal.char32At(first))) ++first;
  while (last > first && u_isUWhiteSpace(normal.char32At(last - 1))) --last;
  std::string out;
  normal.tempSubStringBetween(first, last).toUTF8String(out);
  return out;
}

// Digits and what people put between them; anything with a letter is an account, not a number.
bool looks_like_a_telephone_number(std::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      ++digits;
    } else if (std::string_view(" +-().\\/").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return digits >= 7 && digits <= 15;  // 15 is the longest E.164 number
}

}  // namespace

std::string normal_customer_id(std::string_view raw, std::string_view region) {
  std::string text = nfkc_trimmed(raw);
  if (!looks_like_a_telephone_number(text)) return text;
  if (text.front() != '+' && region.empty()) return text;
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const auto fault = util.Parse(text, region.empty() ? "ZZ" : std::string(region), &number);
  if (fault != PhoneNumberUtil::NO_PARSING_ERROR || !util.IsPossibleNumber(number)) return text;
  std::string e164;
  util.Format(number, PhoneNumberUtil::E164, &e164);
  return e164;
}

std::string customer_key(std::string_view raw, std::string_view region, const SiteKey& site_key) {
  const Digest digest = generichash(normal_customer_id(raw, region), site_key.key);
  return "k" + std::to_string(site_key.version) + ":" + to_hex(std::span(digest).first(16));
}

}  // namespace earful::agent
