#include "agent/import/manifest.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kFileColumn = "file";

Error at_line(size_t line, const std::string& what) {
  return {"E_MANIFEST", "reading the manifest, line " + std::to_string(line) + ": " + what};
}

std::string key_of(const fs::path& path) {
  std::error_code fault;
  const fs::path whole = fs::weakly_canonical(path, fault);
  return fault ? path.lexically_normal().string() : whole.string();
}

}  // namespace

Result<CsvTable> parse_csv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvTable table;
  CsvRow row;
  std::string field;
  bool quoted = false;
  bool was_quoted = false;
  size_t line = 1;
  size_t row_line = 1;
  const auto end_field = [&] {
    row.push_back(std::move(field));
    field.clear();
    was_quoted = false;
  };
  const auto end_row = [&] {
    end_field();
    const bool blank = row.size() == 1 && row[0].empty();
    if (!blank) {
      table.rows.push_back(std::move(row));
      table.lines.push_back(row_line);
    }
    row.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        field.push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field.push_back('"');
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty() && !was_quoted) {
      quoted = was_quoted = true;
    } else if (c == ',') {
      end_field();
    } else if (c == '\n') {
      end_row();
      row_line = line;
    } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      continue;
    } else if (was_quoted) {
      return at_line(line, "text after a closing quote; put the whole field in quotes");
    } else {
      field.push_back(c);
    }
  }
  if (quoted) return at_line(row_line, "a quote is never closed; close it");
  if (!field.empty() || !row.empty()) end_row();
  return table;
}

Result<Manifest> Manifest::read(const fs::path& path) {
  std::error_code fault;
  const auto size = fs::file_size(path, fault);
  if (fault) {
    return Error{"E_MANIFEST", "opening the manifest " + path.string() + ": " + fault.message()};
  }
  if (size > kMaxManifestBytes) {
    return Error{"E_MANIFEST", "opening the manifest " + path.string() + ": " +
                                   std::to_string(size) + " bytes are more than 64 MiB; split it"};
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Error{"E_MANIFEST",
                 "reading the manifest " + path.string() + ": " + std::strerror(errno)};
  }
  return parse(text.str(), path.parent_path());
}

Result<Manifest> Manifest::parse(std::string_view text, const fs::path& folder) {
  Manifest manifest;
  EARFUL_ASSIGN(manifest.table_, parse_csv(text));
  CsvTable& table = manifest.table_;
  if (table.rows.empty()) return at_line(1, "no header row; begin with file,started_at,queue");
  manifest.columns_ = table.rows[0];
  std::set<std::string> seen;
  for (const std::string& column : manifest.columns_) {
    if (!seen.insert(column).second)
      return at_line(1, "the column \"" + column + "\" is there twice");
    if (column == kFileColumn) continue;
    if (const std::string why = unknown_field(column); !why.empty()) return at_line(1, why);
  }
  const auto file = std::find(manifest.columns_.begin(), manifest.columns_.end(), kFileColumn);
  if (file == manifest.columns_.end()) return at_line(1, "no column \"file\"; add one");
  const auto file_column = size_t(file - manifest.columns_.begin());
  for (size_t i = 1; i < table.rows.size(); ++i) {
    if (table.rows[i].size() != manifest.columns_.size()) {
      return at_line(table.lines[i], std::to_string(table.rows[i].size()) +
                                         " fields where the header has " +
                                         std::to_string(manifest.columns_.size()));
    }
    const fs::path named(table.rows[i][file_column]);
    const auto [place, added] = manifest.row_of_.emplace(key_of(folder / named), i);
    if (!added) {
      return at_line(table.lines[i], "\"" + named.string() + "\" is there already in line " +
                                         std::to_string(table.lines[place->second]));
    }
  }
  return manifest;
}

bool Manifest::knows(const fs::path& recording) const {
  return row_of_.contains(key_of(recording));
}

Result<void> Manifest::apply(const fs::path& recording, Facts& facts) const {
  const auto found = row_of_.find(key_of(recording));
  if (found == row_of_.end()) return {};
  const CsvRow& row = table_.rows[found->second];
  for (size_t i = 0; i < row.size(); ++i) {
    if (columns_[i] == kFileColumn || row[i].empty()) continue;
    if (const auto set = set_fact(columns_[i], row[i], facts); !set) {
      return at_line(table_.lines[found->second], set.error().message);
    }
  }
  return {};
}

}  // namespace earful::agent
