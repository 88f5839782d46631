// Brings the index of what can be found up to the library and the state. Passive: whoever owns it
// calls look(). One thread.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>

#include "agent/finding/find_index.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "recorder/library/library.h"

namespace earful::agent {

class Indexer {
 public:
  struct Files {
    std::filesystem::path index;
    std::filesystem::path library_dir;
    std::filesystem::path state;  // made already
  };
  static Result<Indexer> open(const Files& files);

  // Writes what is due, a commit of it at most: calls whose tags changed, calls that came or went,
  // and all of them the first time or when a kind got another name. True while more is due; what
  // failed is due again.
  Result<bool> look(std::span<const CallId> changed);
  // While nothing is due: see FindIndex::forget_removed().
  Result<void> forget_removed() { return index_.forget_removed(); }

 private:
  Indexer(FindIndex index, recorder::Library library, State state)
      : index_(std::move(index)), library_(std::move(library)), state_(std::move(state)) {}
  Result<void> compare_calls();
  Result<void> compare_kinds();
  Result<void> write_all(const std::set<CallId>& calls);
  Result<void> write(const CallId& call);

  FindIndex index_;
  recorder::Library library_;
  State state_;
  std::optional<int64_t> library_version_, state_version_;
  std::set<CallId> known_;  // in the index, or due
  std::set<CallId> due_;
  std::optional<KindNames> names_;
};

}  // namespace earful::agent
