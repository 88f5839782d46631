#include "base/config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/config_value.h"
#include "base/http_syntax.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace earful {
namespace {

using Value = Config::Value;

std::string key_of(std::string_view section, std::string_view name) {
  return section.empty() ? std::string(name) : std::string(section) + "." + std::string(name);
}

Error fault(std::string_view file, std::string_view what) {
  return {"E_CONFIG", std::string(file) + ": " + std::string(what)};
}

std::string place(std::string_view file, const toml::source_region& where) {
  return std::string(file) + ":" + std::to_string(where.begin.line);
}

Error fault_at(std::string_view file, const toml::source_region& where, std::string_view what) {
  return fault(place(file, where), what);
}

std::string plain(int64_t value) { return std::to_string(value); }

std::string range_text(const ConfigKey& key) {
  if (key.type == ConfigType::kPort) return "from 1 to 65535";
  if (key.maximum == INT64_MAX && key.minimum == INT64_MIN) return "";
  if (key.maximum == INT64_MAX) return "at least " + plain(key.minimum);
  if (key.minimum == INT64_MIN) return "at most " + plain(key.maximum);
  return "from " + plain(key.minimum) + " to " + plain(key.maximum);
}

// What a value of this type looks like, for a person.
std::string expected(const ConfigKey& key) {
  std::string text;
  switch (key.type) {
    case ConfigType::kText:
      text = "a text in quotes";
      break;
    case ConfigType::kTexts:
      text = "a list of texts in quotes";
      break;
    case ConfigType::kInteger:
      text = "a whole number";
      break;
    case ConfigType::kNumber:
      text = "a number";
      break;
    case ConfigType::kBoolean:
      text = "true or false";
      break;
    case ConfigType::kPort:
      text = "a port number";
      break;
    case ConfigType::kDuration:
      text = "a duration such as \"30s\" (ms, s, m, h, d)";
      break;
    case ConfigType::kSize:
      text = "a size such as \"64KiB\" (B, KiB, MiB, GiB)";
      break;
  }
  const std::string range = range_text(key);
  if (range.empty()) return text;
  const bool unit = key.type == ConfigType::kDuration || key.type == ConfigType::kSize;
  return text + " " + range + (!unit ? "" : key.type == ConfigType::kSize ? " bytes" : " ms");
}

bool in_range(const ConfigKey& key, int64_t value) {
  if (key.type == ConfigType::kPort) return value >= 1 && value <= 65535;
  return value >= key.minimum && value <= key.maximum;
}

std::optional<Value> counted(const ConfigKey& key, std::optional<int64_t> value) {
  if (!value || !in_range(key, *value)) return std::nullopt;
  return Value{key.type, true, "", *value, double(*value)};
}

std::optional<Value> read_value(const ConfigKey& key, const toml::node& node) {
  const auto text = node.value_exact<std::string>();
  switch (key.type) {
    case ConfigType::kText:
      if (!text) return std::nullopt;
      return Value{key.type, true, *text, 0, 0};
    case ConfigType::kTexts: {
      Value list{key.type, true, "", 0, 0};
      if (!node.is_array()) return std::nullopt;
      for (const toml::node& item : *node.as_array()) {
        const auto one = item.value_exact<std::string>();
        if (!one) return std::nullopt;
        list.texts.push_back(*one);
      }
      return list;
    }
    case ConfigType::kInteger:
    case ConfigType::kPort:
      return counted(key, node.value_exact<int64_t>());
    case ConfigType::kNumber: {
      const auto whole = node.value_exact<int64_t>();
      const auto number = whole ? std::optional(double(*whole)) : node.value_exact<double>();
      // Also refuses not-a-number.
      if (!number || !(*number >= double(key.minimum) && *number <= double(key.maximum))) {
        return std::nullopt;
      }
      return Value{key.type, true, "", int64_t(0), *number};
    }
    case ConfigType::kBoolean: {
      const auto flag = node.value_exact<bool>();
      if (!flag) return std::nullopt;
      return Value{key.type, true, "", *flag ? 1 : 0, 0};
    }
    case ConfigType::kDuration:
      return text ? counted(key, parse_duration_ms(*text)) : std::nullopt;
    case ConfigType::kSize:
      return text ? counted(key, parse_size_bytes(*text)) : std::nullopt;
  }
  return std::nullopt;
}

// As it stands in a file.
std::string written(const ConfigKey& key) {
  const bool quoted = key.type == ConfigType::kText || key.type == ConfigType::kDuration ||
                      key.type == ConfigType::kSize;
  return quoted ? json_quoted(key.fallback) : std::string(key.fallback);
}

}  // namespace

// Walks a parsed file against the table of keys.
class ConfigReader {
 public:
  ConfigReader(std::string_view file, std::span<const ConfigKey> keys) : file_(file), keys_(keys) {}

  Result<void> read(const toml::table& table, const std::string& section, Config& into) const {
    for (const auto& [name, node] : table) {
      const std::string full = key_of(section, name.str());
      if (const ConfigKey* key = find(full)) {
        auto value = read_value(*key, node);
        if (!value) {
          return fault_at(file_, node.source(), full + " must be " + expected(*key));
        }
        value->where = place(file_, node.source());
        into.values_[full] = *value;
      } else if (is_repeated(full)) {
        EARFUL_TRY(read_tables(node, full, into));
      } else if (node.is_table() && is_section(full)) {
        EARFUL_TRY(read(*node.as_table(), full, into));
      } else if (node.is_array_of_tables() && is_section(full)) {
        return fault_at(file_, name.source(), "write [" + full + "]: there is one");
      } else {
        return unknown(full, name.source());
      }
    }
    return {};
  }

 private:
  Result<void> read_tables(const toml::node& node, const std::string& section, Config& into) const {
    const toml::array* tables = node.as_array();
    if (!tables || !tables->is_array_of_tables()) {
      return fault_at(file_, node.source(), "write [[" + section + "]]: there may be several");
    }
    if (tables->size() > kMaxConfigTables) {
      return fault_at(file_, (*tables)[kMaxConfigTables].source(),
                      "more than " + std::to_string(kMaxConfigTables) + " [[" + section + "]]");
    }
    for (const toml::node& table : *tables) {
      Config one = Config::fallbacks(keys_, section);
      one.where_ = place(file_, table.source());
      EARFUL_TRY(read(*table.as_table(), section, one));
      into.tables_[section].push_back(std::move(one));
    }
    return {};
  }
  const ConfigKey* find(const std::string& full) const {
    const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const ConfigKey& key) {
      return key_of(key.section, key.name) == full;
    });
    return found == keys_.end() ? nullptr : &*found;
  }
  bool is_section(const std::string& full) const {
    return std::any_of(keys_.begin(), keys_.end(), [&](const ConfigKey& key) {
      return key.section == full || key.section.starts_with(full + ".");
    });
  }
  bool is_repeated(const std::string& full) const {
    return std::any_of(keys_.begin(), keys_.end(),
                       [&](const ConfigKey& key) { return key.repeated && key.section == full; });
  }
  Error unknown(const std::string& full, const toml::source_region& where) const {
    std::vector<std::string> names;
    for (const ConfigKey& key : keys_) {
      names.push_back(key_of(key.section, key.name));
      if (!key.section.empty()) names.emplace_back(key.section);
    }
    const std::string nearest = nearest_name(full, names);
    // Shown as JSON would, so that a line stays a line whatever the file holds.
    return fault_at(file_, where,
                    "unknown key " + json_quoted(full.substr(0, 80)) +
                        (nearest.empty() ? "; check-config lists the keys there are"
                                         : "; did you mean " + nearest + "?"));
  }

  std::string_view file_;
  std::span<const ConfigKey> keys_;
};

namespace {

Result<std::string> read_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fault(name, std::string(std::strerror(errno)) + "; check the path");
  struct stat info {};
  std::optional<Error> refused;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    refused = fault(name, "not a file; give the path of a configuration file");
  } else if (size_t(info.st_size) > kMaxConfigBytes) {
    refused = fault(name, "over 1 MiB; this is no configuration file");
  }
  std::string text(refused ? 0 : kMaxConfigBytes + 1, '\0');
  size_t size = 0;
  while (!refused && size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0) refused = fault(name, std::string(std::strerror(errno)) + "; check the file");
    if (got <= 0) break;
    size += size_t(got);
  }
  ::close(fd);
  if (refused) return *refused;
  if (size > kMaxConfigBytes) return fault(name, "over 1 MiB; this is no configuration file");
  text.resize(size);
  return text;
}

size_t line_of_first_bad_byte(std::string_view text) {
  size_t line = 1;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (!is_utf8(text.substr(0, end))) return line;
    text.remove_prefix(end);
    ++line;
  }
  return line;
}

}  // namespace

Config Config::defaults(std::span<const ConfigKey> keys) {
  // The fallbacks of tables that do not stand in the file must fit as well.
  for (const ConfigKey& key : keys) {
    if (key.repeated) fallbacks(keys, key.section);
  }
  return fallbacks(keys, "");
}

Config Config::fallbacks(std::span<const ConfigKey> keys, std::string_view repeated_section) {
  Config config;
  for (const ConfigKey& key : keys) {
    const bool wanted = key.repeated ? key.section == repeated_section : repeated_section.empty();
    if (key.repeated && repeated_section.empty()) config.tables_[std::string(key.section)];
    if (!wanted) continue;
    const toml::parse_result parsed = toml::parse("value = " + written(key));
    EARFUL_CHECK(bool(parsed));
    auto value = read_value(key, *parsed.table().get("value"));
    EARFUL_CHECK(value.has_value());
    value->set = false;
    EARFUL_CHECK(config.values_.emplace(key_of(key.section, key.name), *value).second);
  }
  return config;
}

Result<Config> Config::read(const std::filesystem::path& file, std::span<const ConfigKey> keys) {
  EARFUL_ASSIGN(const std::string text, read_file(file));
  return parse(text, file.string(), keys);
}

Result<Config> Config::parse(std::string_view text, std::string_view name,
                             std::span<const ConfigKey> keys) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!is_utf8(text)) {
    return fault(std::string(name) + ":" + std::to_string(line_of_first_bad_byte(text)),
                 "not UTF-8 (Latin-1 perhaps); save the file as UTF-8");
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fault_at(name, error.source(), error.description());
  }
  Config config = defaults(keys);
  EARFUL_TRY(ConfigReader(name, keys).read(parsed.table(), "", config));
  return config;
}

const Value& Config::at(std::string_view section, std::string_view name, ConfigType type) const {
  const auto found = values_.find(key_of(section, name));
  EARFUL_CHECK(found != values_.end() && found->second.type == type);
  return found->second;
}

const std::string& Config::text(std::string_view section, std::string_view name) const {
  return at(section, name, ConfigType::kText).text;
}
const std::vector<std::string>& Config::texts(std::string_view section,
                                              std::string_view name) const {
  return at(section, name, ConfigType::kTexts).texts;
}
int64_t Config::integer(std::string_view section, std::string_view name) const {
  return at(section, name, ConfigType::kInteger).integer;
}
double Config::number(std::string_view section, std::string_view name) const {
  return at(section, name, ConfigType::kNumber).number;
}
bool Config::boolean(std::string_view section, std::string_view name) const {
  return at(section, name, ConfigType::kBoolean).integer != 0;
}
uint16_t Config::port(std::string_view section, std::string_view name) const {
  return uint16_t(at(section, name, ConfigType::kPort).integer);
}
std::chrono::milliseconds Config::duration(std::string_view section, std::string_view name) const {
  return std::chrono::milliseconds(at(section, name, ConfigType::kDuration).integer);
}
int64_t Config::size(std::string_view section, std::string_view name) const {
  return at(section, name, ConfigType::kSize).integer;
}

bool Config::is_set(std::string_view section, std::string_view name) const {
  const auto found = values_.find(key_of(section, name));
  EARFUL_CHECK(found != values_.end());
  return found->second.set;
}

const std::string& Config::where(std::string_view section, std::string_view name) const {
  const auto found = values_.find(key_of(section, name));
  EARFUL_CHECK(found != values_.end());
  return found->second.where;
}

const std::vector<Config>& Config::tables(std::string_view section) const {
  const auto found = tables_.find(section);
  EARFUL_CHECK(found != tables_.end());
  return found->second;
}

std::string default_config_file(std::string_view title, std::span<const ConfigKey> keys) {
  std::string out =
      "# " + std::string(title) + "\n# Every key with its default; remove a # to change one.\n";
  std::string_view section;
  for (const ConfigKey& key : keys) {
    out += '\n';
    if (key.section != section) {
      section = key.section;
      out += key.repeated ? "# Any number of these.\n#[[" + std::string(section) + "]]\n\n"
                          : "[" + std::string(section) + "]\n\n";
    }
    std::string_view help = key.help;
    while (!help.empty()) {
      const size_t end = help.find('\n');
      out += "# " + std::string(help.substr(0, end)) + "\n";
      help = end == std::string_view::npos ? "" : help.substr(end + 1);
    }
    out += "# " + expected(key) + "\n#" + std::string(key.name) + " = " + written(key) + "\n";
  }
  return out;
}

}  // namespace earful
