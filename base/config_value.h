// The small grammars of settings, and what is near a misspelt name. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace earful {

// "250ms", "30s", "15m", "12h", "90d" in milliseconds; nothing for anything else or past 64 bits.
std::optional<int64_t> parse_duration_ms(std::string_view text);
// "512", "64KiB", "10MiB", "1GiB" in bytes; nothing for anything else or past 64 bits.
std::optional<int64_t> parse_size_bytes(std::string_view text);

// Levenshtein's distance: how many letters to add, drop or change.
size_t edit_distance(std::string_view a, std::string_view b);

// The name with the fewest changed letters, if they are few; "" otherwise.
std::string nearest_name(std::string_view name, std::span<const std::string> known);

}  // namespace earful
