// Reads a journal beside the scribe that writes it. A read-only connection of its own: one thread
// each. Errors: those of base/sqlite.h; E_CHAIN from verify().
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "agent/journal/journal.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/delivery.h"

namespace earful::agent {

class JournalReader {
 public:
  static Result<JournalReader> open(const std::filesystem::path& data_dir);

  // Rows from `from` on, at most max_rows and at least one but otherwise at most max_bytes.
  Result<std::vector<JournalRow>> rows(int64_t journal, uint64_t from, size_t max_rows,
                                       size_t max_bytes);
  Result<std::optional<Chain>> chain_at(int64_t journal, uint64_t seq);
  // The numbers of all journals, oldest first.
  Result<std::vector<int64_t>> journals();
  // Every chain computed again; the first row that does not fit, as an error E_CHAIN. Of a row that
  // was erased only its place in the chain can be checked.
  Result<void> verify();

 private:
  explicit JournalReader(Database db) : db_(std::move(db)) {}
  Database db_;
};

}  // namespace earful::agent
