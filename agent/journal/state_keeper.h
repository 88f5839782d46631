// Keeps the state up with the journal and the feed. The state is a cache without syncs: it may fail
// without harm, since what it missed of this station's own comes again from the journal, and what a
// crash took of it is applied again.
//
// Belongs to the scribe's thread, as the journal does, of which it reads the head. Nobody waits for
// what fails here: it is logged ("failed state"), the state is as it was before, and the next call
// tries again.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "agent/journal/journal.h"
#include "agent/state/state.h"
#include "base/ids.h"
#include "base/result.h"

namespace earful::agent {

// Where a write that failed may be tried again, room having been made for it.
using RoomMaker = std::function<bool(const Error&)>;

// What the feed said between two places.
struct FeedStretch {
  State::Cursor from;
  std::vector<Record> records;
  State::Cursor to;
};

class StateKeeper {
 public:
  struct Options {
    std::filesystem::path data_dir;
    StationId station;
    RoomMaker made_room;
  };
  // The journal outlives the keeper.
  StateKeeper(Options options, const Journal& journal, State state)
      : options_(std::move(options)), journal_(journal), state_(std::move(state)) {}

  State& state() { return state_; }

  // Applies the rows of the open journal that the state lacks; all of them, numbered anew, where
  // the state knows another journal.
  Result<void> catch_up();
  // The same, of a state that had failed or whose journal is another one; again if that fails.
  void catch_up_again();
  bool behind() const { return behind_; }

  // The newest rows of the journal, in order.
  struct OwnRow {
    const Event& event;
    std::string_view raw;
  };
  void apply_own(std::span<const OwnRow> rows);
  // The open journal is a new one and has these rows.
  void move_to_new_journal(std::span<const JournalRow> rows);
  void set_have_seq(uint64_t have_seq);

  // What pages show and must be told of.
  struct Changed {
    std::vector<EventId> tags;
    std::set<std::string_view> shared;  // as shared_notice() says it
  };
  // Nothing where it failed, or where the state does not stand at the stretch's beginning, because
  // an earlier one failed: the feed must be asked again, from the state's cursor.
  std::optional<Changed> apply(const FeedStretch& stretch);
  void start_feed_over(const State::Cursor& cursor);

 private:
  Result<std::optional<Changed>> apply_records(const FeedStretch& stretch);
  void failed(const Error& error);

  Options options_;
  const Journal& journal_;
  State state_;
  bool behind_ = false;  // it failed; the journal has what it lacks
};

}  // namespace earful::agent
