// Hashes, random bytes and their text, over libsodium. Thread-safe after the first call.
// generichash is BLAKE2b (RFC 7693) with a 32-byte result, keyed where a key is given.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace earful {

using Digest = std::array<uint8_t, 32>;

Digest generichash(std::string_view data, std::string_view key = {});
// generichash(a followed by b), without joining them.
Digest generichash2(std::string_view a, std::string_view b);

// SHA-256 (FIPS 180-4) in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view data);
  Digest finish();

 private:
  alignas(8) std::array<uint8_t, 128> state_;  // crypto_hash_sha256_state, kept opaque
};

void fill_random(std::span<uint8_t> out);
uint64_t random_u64();

std::string to_hex(std::span<const uint8_t> bytes);
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

// Same length and same bytes, in time that does not depend on where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

inline std::string_view view(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace earful
