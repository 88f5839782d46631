#include "base/config_value.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace earful {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

std::optional<int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  int64_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (fault != std::errc() || count < 0) return std::nullopt;
  const std::string_view unit = text.substr(size_t(end - text.data()));
  for (const Unit& known : units) {
    if (unit != known.name) continue;
    if (count > INT64_MAX / known.factor) return std::nullopt;
    return count * known.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> parse_duration_ms(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
  return parse_with_unit(text, kUnits);
}

std::optional<int64_t> parse_size_bytes(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"", 1}, {"B", 1}, {"KiB", 1024}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  return parse_with_unit(text, kUnits);
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string nearest_name(std::string_view name, std::span<const std::string> known) {
  constexpr size_t kLongestName = 64;
  if (name.size() > kLongestName) return "";
  std::string nearest;
  size_t fewest = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t changes = edit_distance(name, candidate);
    if (changes < fewest) {
      fewest = changes;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace earful
