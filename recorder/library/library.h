// The calls on disk and their index. One Library (one SQLite connection) per thread; several
// processes may have the same folder open at once (a server and an import).
//
//   DIR/library.db                 the index, mode 0600: it holds raw customer ids
//   DIR/calls/AB/<call id>.opus    Ogg Opus, one mono stream per leg, agent first (RFC 7845)
//   DIR/calls/AB/<call id>.peaks   min and max per 20 ms per leg (recorder/codec/peaks.h)
//   DIR/calls/AB/<call id>.opus.live, .notes   in place of both while the call goes on
//   (live_file.h)
//
// AB are the first two digits of the call id. A call is in the index only when both files are whole
// and synced, or when it is live: then it can be found, listed and tagged, and has neither yet.
// Errors: those of base/sqlite.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/sqlite.h"
#include "proto/event.h"
#include "recorder/library/call_notes.h"

namespace earful::recorder {

struct Call {
  CallId id;
  CallSnapshot snapshot;
  std::string agent_name;
  std::string customer_id;   // raw, as the telephone system gave it; never leaves this machine
  std::string customer_key;  // "" until the site key is known
  Position duration = 0;
  int legs = 2;
  int sample_rate_hz = 8000;
  std::string warnings;  // what was salvaged or guessed at import, for a person; "" for nothing
  WallTime added_at{};
  bool announced =
      false;  // CallStarted is in the journal: what is due is a CallUpdated. add() ignores it
  bool ended_told = false;      // CallEnded and the notes are in the journal. add() ignores it
  bool live = false;            // goes on, or was cut off and is not repaired yet
  bool cut = false;             // ended by a crash, a power cut or a full disk
  std::string capture;          // the [[capture]] it came from; "" for an import
  std::vector<CallNote> notes;  // in the order in which they happened
  std::string measures;  // JSON (recorder/codec/measures.h), "" for none; only find() fills it
};

inline constexpr int kMaxValues = 500;

struct CallQuery {
  std::string text;  // every word must occur in queue, team, agent, external id or labels, folded
  std::optional<std::vector<CallId>> among;  // only these
  std::string external_id;
  std::string queue, team, language, agent_ref;
  std::optional<WallTime> since, until;  // by start of the call
  std::optional<bool> sample;
  size_t limit = 50;  // 1..500
  std::string after;  // CallPage::next of the page before
};

struct CallPage {
  std::vector<Call> calls;  // newest first
  std::string next;         // "" on the last page
};

// There is no index of customers here: where there is a collector, it is asked.
inline constexpr size_t kCallsLookedBack = 5000;

class Library {
 public:
  static Result<Library> open(const std::filesystem::path& dir);

  std::filesystem::path audio_path(const CallId& id) const;
  std::filesystem::path peaks_path(const CallId& id) const;
  std::filesystem::path live_path(const CallId& id) const;
  std::filesystem::path notes_path(const CallId& id) const;

  // False: the call was there already and nothing changed.
  Result<bool> add(const Call& call);
  Result<std::optional<Call>> find(const CallId& id);
  // E_AFTER for a cursor that is not one of ours.
  Result<CallPage> list(const CallQuery& query);
  // Those that calls have, in order; at most kMaxValues, which no person picks from.
  Result<std::vector<std::string>> queues() { return values("queue"); }
  Result<std::vector<std::string>> languages() { return values("language"); }
  Result<std::vector<CallId>> ids();  // of all calls, in no order
  Result<int64_t> count();
  Result<bool> has_real_calls();  // any call that is not a bundled sample

  // A call that begins now; its file is there and locked already (live_file.h). E_CALL when the id
  // is taken.
  Result<void> begin_live(const Call& call);
  // Of a call that begin_live() made: duration, legs, rate, cut, notes, measures and warnings as
  // given, and live no more; it becomes unannounced again. Changes nothing in any other call.
  Result<void> finish_live(const Call& call);
  Result<std::vector<Call>> live_calls(size_t limit);
  // A live call of which nothing was kept.
  Result<void> forget_live(const CallId& id);

  // Calls of which something is not in the journal yet, oldest first: CallStarted unless announced,
  // CallEnded and the notes unless ended_told or live, otherwise a CallUpdated. It is the outbox
  // between an import in any process and the one process that writes the journal.
  Result<std::vector<Call>> unannounced(size_t limit);
  // As they were read: a call that ended since stays unannounced.
  Result<void> mark_announced(std::span<const Call> told);

  // Calls with a raw customer id and no key; setting a key makes a call unannounced again.
  Result<std::vector<Call>> without_customer_key(size_t limit);
  Result<void> set_customer_key(const CallId& id, const std::string& key);

  // Newest first, with this raw customer id; looks back over kCallsLookedBack of all.
  Result<std::vector<Call>> calls_of_customer(std::string_view customer_id, size_t limit);

  // Changes when another connection has changed the index.
  Result<int64_t> data_version() { return db_.data_version(); }

 private:
  Result<std::vector<std::string>> values(const char* column);
  Result<void> set_among(const std::vector<CallId>& calls);
  Result<std::vector<Call>> rows(std::string_view rest, size_t limit);

  std::filesystem::path dir_;
  Database db_;
  std::optional<std::vector<CallId>> among_;  // what this connection's table of them holds
};

}  // namespace earful::recorder
