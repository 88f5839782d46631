// A table of calls beside the recordings: CSV (RFC 4180, UTF-8, a byte order mark is allowed) with
// a header row of the fields' names and `file`, the recording's path seen from the manifest. No
// thread of its own. Errors: E_MANIFEST, with the line and, for an unknown column, the nearest
// known.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/import/facts.h"
#include "base/result.h"

namespace earful::agent {

// Some hundred thousand calls; a larger one is not a manifest.
inline constexpr size_t kMaxManifestBytes = 64 << 20;

using CsvRow = std::vector<std::string>;
struct CsvTable {
  std::vector<CsvRow> rows;
  std::vector<size_t> lines;  // where each row begins, from 1
};
Result<CsvTable> parse_csv(std::string_view text);

class Manifest {
 public:
  static Result<Manifest> read(const std::filesystem::path& path);
  // text as if it stood in a file of that folder.
  static Result<Manifest> parse(std::string_view text, const std::filesystem::path& folder);

  // Whether the recording has a line here.
  bool knows(const std::filesystem::path& recording) const;
  // What its line says, over what facts holds; nothing happens without a line.
  Result<void> apply(const std::filesystem::path& recording, Facts& facts) const;

 private:
  std::vector<std::string> columns_;
  std::map<std::string, size_t> row_of_;  // by absolute path
  CsvTable table_;
};

}  // namespace earful::agent
