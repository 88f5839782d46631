#include "base/hash.h"

#include <sodium.h>

#include "base/check.h"

namespace earful {
namespace {

void start() {
  static const bool started = sodium_init() >= 0;
  EARFUL_CHECK(started);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Digest generichash(std::string_view data, std::string_view key) {
  Digest out;
  EARFUL_CHECK(crypto_generichash(out.data(), out.size(), bytes_of(data), data.size(),
                                  key.empty() ? nullptr : bytes_of(key), key.size()) == 0);
  return out;
}

Digest generichash2(std::string_view a, std::string_view b) {
  crypto_generichash_state state;
  Digest out;
  crypto_generichash_init(&state, nullptr, 0, out.size());
  crypto_generichash_update(&state, bytes_of(a), a.size());
  crypto_generichash_update(&state, bytes_of(b), b.size());
  crypto_generichash_final(&state, out.data(), out.size());
  return out;
}

static_assert(sizeof(crypto_hash_sha256_state) <= 128);

Sha256::Sha256() {
  crypto_hash_sha256_init(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()));
}

void Sha256::add(std::string_view data) {
  crypto_hash_sha256_update(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()),
                            bytes_of(data), data.size());
}

Digest Sha256::finish() {
  Digest out;
  crypto_hash_sha256_final(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()), out.data());
  return out;
}

void fill_random(std::span<uint8_t> out) {
  start();
  randombytes_buf(out.data(), out.size());
}

uint64_t random_u64() {
  std::array<uint8_t, 8> bytes;
  fill_random(bytes);
  uint64_t value = 0;
  for (uint8_t b : bytes) value = value << 8 | b;
  return value;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (uint8_t b : bytes) {
    text.push_back(kDigits[b >> 4]);
    text.push_back(kDigits[b & 15]);
  }
  return text;
}

std::string to_hex(std::string_view bytes) {
  return to_hex(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

std::optional<std::string> from_hex(std::string_view text) {
  const auto nibble = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (text.size() % 2) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = nibble(text[i]), low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(char(high << 4 | low));
  }
  return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace earful
