#include "agent/finding/indexer.h"

namespace earful::agent {
namespace {

constexpr size_t kCallsPerCommit = 256;

}  // namespace

Result<Indexer> Indexer::open(const Files& files) {
  EARFUL_ASSIGN(FindIndex index, FindIndex::open(files.index, false));
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(files.library_dir));
  EARFUL_ASSIGN(State state, State::open(files.state, true));
  Indexer indexer(std::move(index), std::move(library), std::move(state));
  // What is there is compared, because whoever wrote it may have been stopped.
  EARFUL_ASSIGN(const std::vector<CallId> calls, indexer.index_.calls());
  indexer.known_.insert(calls.begin(), calls.end());
  indexer.due_ = indexer.known_;
  return indexer;
}

Result<bool> Indexer::look(std::span<const CallId> changed) {
  due_.insert(changed.begin(), changed.end());
  // Not while there is much to do: all ids are read.
  if (due_.size() <= kCallsPerCommit) EARFUL_TRY(compare_calls());
  EARFUL_TRY(compare_kinds());
  // What somebody just did comes before what is only looked at again.
  std::set<CallId> next;
  for (auto at = changed.rbegin(); at != changed.rend() && next.size() < kCallsPerCommit; ++at) {
    next.insert(*at);
  }
  for (auto at = due_.begin(); at != due_.end() && next.size() < kCallsPerCommit; ++at) {
    next.insert(*at);
  }
  if (next.empty()) return false;
  EARFUL_TRY(index_.begin());
  if (const auto written = write_all(next); !written.ok()) {
    index_.rollback();
    if (written.error().code == "E_DB_CORRUPT") index_.condemn();
    return written.error();
  }
  EARFUL_TRY(index_.commit());
  for (const CallId& call : next) due_.erase(call);
  return !due_.empty();
}

Result<void> Indexer::compare_calls() {
  EARFUL_ASSIGN(const int64_t version, library_.data_version());
  if (version == library_version_) return {};
  EARFUL_ASSIGN(const std::vector<CallId> calls, library_.ids());
  const std::set<CallId> there(calls.begin(), calls.end());
  for (const CallId& call : there) {
    if (!known_.contains(call)) due_.insert(call);
  }
  for (const CallId& call : known_) {
    if (!there.contains(call)) due_.insert(call);
  }
  known_ = there;
  library_version_ = version;
  return {};
}

Result<void> Indexer::compare_kinds() {
  EARFUL_ASSIGN(const int64_t version, state_.data_version());
  if (version == state_version_) return {};
  EARFUL_ASSIGN(const std::vector<KindView> kinds, state_.kinds());
  KindNames names(kinds);
  if (names_ && *names_ != names) due_.insert(known_.begin(), known_.end());
  names_ = std::move(names);
  state_version_ = version;
  return {};
}

Result<void> Indexer::write_all(const std::set<CallId>& calls) {
  for (const CallId& call : calls) EARFUL_TRY(write(call));
  return {};
}

Result<void> Indexer::write(const CallId& id) {
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, library_.find(id));
  // Tags of calls of other stations come by the feed; those calls are not here to be found.
  if (!call) return index_.remove(id);
  known_.insert(id);
  EARFUL_ASSIGN(const std::vector<TagView> tags, state_.tags_of(id));
  return index_.put(id, texts_of(*call, tags, *names_), kinds_of(tags, *names_));
}

}  // namespace earful::agent
