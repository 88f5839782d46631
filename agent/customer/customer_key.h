// The customer key: a pseudonym that is the same wherever the same customer calls, and tells nobody
// who it is without the site key. A pseudonym, not anonymity.
//
//   normal form = NFKC, outer white space trimmed; a telephone number becomes E.164 (RFC 3966's
//   digits
//                 with "+"), read in the configured region where it has no country code
//   key         = "k" VERSION ":" hex of the first 16 bytes of generichash(normal form, site key)
//
// Test vectors stand in docs/wire.md. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "proto/delivery.h"

namespace earful::agent {

// region: ISO 3166 alpha-2, "US"; "" reads only numbers with a country code as telephone numbers.
std::string normal_customer_id(std::string_view raw, std::string_view region);

std::string customer_key(std::string_view raw, std::string_view region, const SiteKey& site_key);

}  // namespace earful::agent
