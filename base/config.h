// A program's settings from a TOML file, checked against a table of the keys it knows. What the
// table does not know, and what does not fit it, stops the start with the line number: a misspelt
// key that is silently ignored is found weeks later. Any thread; nothing here keeps state.
//
//   constexpr ConfigKey kKeys[] = {
//       {.section = "http", .name = "port", .type = ConfigType::kPort, .fallback = "7370",
//        .help = "Where the page is, on 127.0.0.1."}};
//   EARFUL_ASSIGN(const Config config, Config::read(path, kKeys));
//   config.port("http", "port");
//
// Keys that are `repeated` stand in an array of tables, [[section]]; each of those is a Config of
// its own: for (const Config& one : config.tables("capture")) one.text("capture", "name").
//
// Errors: E_CONFIG, as "FILE:LINE: what is wrong; what to do".
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace earful {

// Far above any file a person writes; a wrong path must not eat the memory.
inline constexpr size_t kMaxConfigBytes = 1 << 20;

// Of one [[section]]; far above what one machine has.
inline constexpr size_t kMaxConfigTables = 64;

enum class ConfigType {
  kText,      // "..."
  kTexts,     // ["...", "..."]; its fallback is []
  kInteger,   // within minimum and maximum
  kNumber,    // within minimum and maximum, fractions allowed
  kBoolean,   // true or false
  kPort,      // 1 to 65535
  kDuration,  // "250ms", "30s", "15m", "12h", "90d"
  kSize,      // "512", "64KiB", "10MiB", "1GiB"
};

struct ConfigKey {
  std::string_view section;  // "" for the top of the file
  std::string_view name;
  ConfigType type = ConfigType::kText;
  std::string_view
      fallback;           // as the value stands in a file, a text or duration without its quotes
  std::string_view help;  // one or more lines, for the default file
  int64_t minimum = INT64_MIN;  // of a number, of a duration in ms, of a size in bytes
  int64_t maximum = INT64_MAX;
  bool repeated = false;  // of an array of tables; then every key of its section is
};

class Config {
 public:
  // All fallbacks. They must fit their own keys.
  static Config defaults(std::span<const ConfigKey> keys);
  // Fallbacks where the file says nothing.
  static Result<Config> read(const std::filesystem::path& file, std::span<const ConfigKey> keys);
  // name stands for the file in messages.
  static Result<Config> parse(std::string_view text, std::string_view name,
                              std::span<const ConfigKey> keys);

  // The key must be in the table, with that type.
  const std::string& text(std::string_view section, std::string_view name) const;
  const std::vector<std::string>& texts(std::string_view section, std::string_view name) const;
  int64_t integer(std::string_view section, std::string_view name) const;
  double number(std::string_view section, std::string_view name) const;
  bool boolean(std::string_view section, std::string_view name) const;
  uint16_t port(std::string_view section, std::string_view name) const;
  std::chrono::milliseconds duration(std::string_view section, std::string_view name) const;
  int64_t size(std::string_view section, std::string_view name) const;
  // The file has it, be it the fallback's value.
  bool is_set(std::string_view section, std::string_view name) const;

  // The [[section]] tables in the order of the file; none where the file has none.
  const std::vector<Config>& tables(std::string_view section) const;
  // "FILE:LINE" where this table begins, for who finds fault with what it says; "" for a file.
  const std::string& where() const { return where_; }
  // "FILE:LINE" of a value, for the same; "" where the file does not have it.
  const std::string& where(std::string_view section, std::string_view name) const;

  struct Value {
    ConfigType type = ConfigType::kText;
    bool set = false;
    std::string text;
    int64_t integer = 0;  // number, port, milliseconds, bytes, 0 or 1
    double number = 0;
    std::vector<std::string> texts;
    std::string where;
  };

 private:
  const Value& at(std::string_view section, std::string_view name, ConfigType type) const;
  static Config fallbacks(std::span<const ConfigKey> keys, std::string_view repeated_section);
  friend class ConfigReader;

  std::map<std::string, Value, std::less<>> values_;  // by "section.name"
  std::map<std::string, std::vector<Config>, std::less<>> tables_;
  std::string where_;
};

// A file with every key, its help and its fallback, commented out; so are [[section]] lines.
std::string default_config_file(std::string_view title, std::span<const ConfigKey> keys);

}  // namespace earful
