// What events add up to at this station: tags, listeners, tag kinds. A cache in DATA/state.db, made
// from the journal and the feed, and made again from them when it is deleted.
//
// Events fold in the store's feed order; own events not yet in the feed come last, as provisional.
// One State (one SQLite connection) per thread; the scribe's is the only one that writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/state/heard.h"
#include "agent/state/hours.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/event.h"
#include "proto/feed.h"
#include "proto/tagbook_fold.h"

namespace earful::agent {

struct TagView {
  EventId id;
  CallId call;
  std::string kind;
  Position position = 0;  // pressed
  Position start = 0;
  Position end = 0;
  std::string note;
  ListenerId listener;
  std::string listener_name;
  WallTime time{};
  bool retracted = false;
  uint64_t seq = 0;       // last row of the open journal about this tag; 0 for none
  bool own = false;       // made at this station
  bool in_store = false;  // every row about it is known to be in the store
  bool closed_by_leaving = false;
  int revisions = 0;
  std::string queue;  // of the call, as it was known when the tag was made
  std::string team;
};

struct ListenerView {
  ListenerId id;
  std::string name;
};

// What was done to a tag, by whom and when; of a revision only what it changed.
struct TagChange {
  EventId id;
  enum class What { kTagged, kRevised, kRetracted } what = What::kTagged;
  WallTime time{};
  ListenerView listener;
  std::optional<std::string> kind;
  std::optional<Position> start;
  std::optional<Position> end;
  std::optional<std::string> note;
};

struct RecentTags {
  size_t limit = 10;
  std::string queue;  // "" for any, as the team
  std::string team;
  std::optional<uint32_t> severity;
};

// How many tags a reader of the newest ones may cost.
inline constexpr int kRecentTags = 5000;

// The log's length, and what is written back of it in a stream of letters. The rest is in reserve:
// on a full disk the journal must be the first to refuse, so that what it took can be seen.
inline constexpr int64_t kStateLogBytes = 16 << 20;
inline constexpr int64_t kFullStateLogBytes = kStateLogBytes / 2;

class State {
 public:
  static Result<State> open(const std::filesystem::path& path, bool read_only);

  // Readers.
  Result<std::vector<TagView>> tags_of(const CallId& call);   // by position, without retracted ones
  Result<std::optional<TagView>> tag(const EventId& id);      // retracted ones too
  Result<std::vector<TagChange>> history(const EventId& id);  // in the order in which they fold
  Result<bool> is_closed(const EventId& follow_up);           // a FollowUpClosed names it
  // Which an event is about; of an erasure those that lose something.
  Result<std::vector<EventId>> tags_touched(const Event& event);
  // Of all calls, newest first, without retracted ones; looks back over kRecentTags at most.
  Result<std::vector<TagView>> recent(const RecentTags& wanted, WallTime now);
  // Made from then on, newest first, without retracted ones. Reads all tags made since.
  Result<std::vector<TagView>> tags_of_kinds(std::span<const std::string> kinds, WallTime since);
  Result<std::map<CallId, int>> tag_counts(std::span<const CallId> calls);
  Result<std::vector<ListenerView>> listeners();  // by name, merged ones left out
  Result<std::optional<ListenerView>> listener(const ListenerId& id);  // of a merged one: its root
  // Of a call, by name; and of calls, by one listener.
  Result<std::vector<HeardView>> heard_of(const CallId& call) {
    return HeardTable(db_).of_call(call);
  }
  Result<std::map<CallId, HeardView>> heard_by(const ListenerId& listener,
                                               std::span<const CallId> calls) {
    return HeardTable(db_).by(listener, calls);
  }
  HourTable hours() { return HourTable(db_); }
  Result<std::vector<KindView>> kinds();  // by order
  Result<std::optional<KindView>> kind(const std::string& id);
  // Good until the next call to this State.
  Result<const TagbookFold*> tagbook();

  // Changes when another connection has changed the state.
  Result<int64_t> data_version() { return db_.data_version(); }

  // The scribe's. apply_* of the same event again changes nothing but where it stands.
  Result<void> begin() { return db_.begin(); }
  Result<void> commit();
  void rollback();
  Result<void> apply_own(const Event& event, std::string_view raw, uint64_t seq);
  // Quarantined records change nothing. own: this station, whose events come back by the feed.
  Result<void> apply_record(const Record& record, const StationId& own);
  // As the journal's.
  Result<void> write_back(int64_t more_than_bytes);
  Result<bool> knows_call(const CallId& call);  // a CallStarted of this station was applied

  // The journal changed: rows not appended to the new one are in the store.
  Result<void> forget_own_seqs();
  Result<void> set_have_seq(uint64_t have_seq);  // own rows up to here are in the store
  Result<uint64_t> have_seq();

  // Where the feed was read to. Another store or epoch starts from 0 and folds everything anew.
  struct Cursor {
    StoreId store;
    FeedPosition position;

    bool operator==(const Cursor&) const = default;
  };
  Result<Cursor> cursor();
  Result<void> set_cursor(const Cursor& cursor);
  Result<void> start_feed_over();

  // The last own row applied, and of which journal: rows after it were lost with the cache.
  struct OwnCursor {
    JournalId journal;
    uint64_t seq = 0;
  };
  Result<OwnCursor> own_cursor();
  Result<void> set_own_cursor(const OwnCursor& cursor);

 private:
  explicit State(Database db) : db_(std::move(db)) {}
  Result<void> apply(const Event& event, std::string_view raw, const EventPlace& place);
  Result<void> apply_tag_event(const EventId& tag, const Event& event, std::string_view raw,
                               const EventPlace& place);
  Result<void> apply_shared(const Event& event, std::string_view raw, const EventPlace& place);
  Result<void> erase(const EventId& id);
  Result<void> refold(const EventId& tag);
  Result<void> notice_name(const Event& event);
  Result<void> refold_listeners();
  Result<void> define_listener(const ListenerId& id, const std::string& name, uint64_t feed_seq);
  Result<std::string> meta(const char* key);
  Result<void> set_meta(const char* key, std::string_view value);

  Database db_;
  bool listeners_merged_ = false;  // since begin(): folded once, however many
  // The book as it was folded last, and the count of its changes then.
  std::optional<TagbookFold> book_;
  std::string book_version_;
};

}  // namespace earful::agent
