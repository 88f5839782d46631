// Which words and kinds stand in which call: DATA/find.db, a cache that is made again from the
// library and the state when it is deleted, damaged or of another format. Mode 0600: it holds
// notes. One FindIndex (one SQLite connection) per thread; the finder's is the only one that
// writes.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "agent/finding/call_texts.h"
#include "agent/finding/sought.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace earful::agent {

class FindIndex {
 public:
  static Result<FindIndex> open(const std::filesystem::path& path, bool read_only);

  // Readers. Calls with every word (where there are words) and a tag of that kind (where it is not
  // ""), in no order.
  Result<std::vector<CallId>> find(const Sought& sought, const std::string& kind);

  // The finder's.
  Result<void> begin() { return db_.begin(); }
  Result<void> commit() { return db_.commit(); }
  void rollback() { db_.rollback(); }
  Result<std::vector<CallId>> calls();
  // Writes only what differs from what is there.
  Result<void> put(const CallId& call, std::span<const CallText> texts,
                   std::span<const std::string> kinds);
  Result<void> remove(const CallId& call);
  // Words that were removed stay in the file until their pieces are merged; this merges all, where
  // any were removed since. Costs as much as writing the whole index.
  Result<void> forget_removed();
  // It is damaged: the next start makes it anew.
  void condemn();

 private:
  explicit FindIndex(Database db) : db_(std::move(db)) {}
  Database db_;
  bool removed_ = false;
};

}  // namespace earful::agent
