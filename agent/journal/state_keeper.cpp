#include "agent/journal/state_keeper.h"

#include <algorithm>

#include "agent/journal/journal_reader.h"
#include "agent/journal/shared_notice.h"
#include "base/log.h"

namespace earful::agent {
namespace {

// What one commit of catching up holds at most.
constexpr size_t kRowsAtOnce = 1024;
constexpr size_t kBytesAtOnce = size_t(1) << 20;

}  // namespace

void StateKeeper::failed(const Error& error) {
  state_.rollback();
  log_error("failed state", {{"error", error.message}});
}

Result<void> StateKeeper::catch_up() {
  EARFUL_ASSIGN(State::OwnCursor cursor, state_.own_cursor());
  const JournalHead& head = journal_.head();
  if (cursor.journal != head.id || cursor.seq > head.last_seq) {
    EARFUL_TRY(state_.forget_own_seqs());
    EARFUL_TRY(state_.set_have_seq(journal_.stored_seq()));
    cursor = {head.id, 0};
  }
  EARFUL_ASSIGN(JournalReader reader, JournalReader::open(options_.data_dir));
  while (cursor.seq < head.last_seq) {
    EARFUL_ASSIGN(const std::vector<JournalRow> rows,
                  reader.rows(head.number, std::max(cursor.seq + 1, head.first_seq), kRowsAtOnce,
                              kBytesAtOnce));
    if (rows.empty()) break;
    EARFUL_TRY(state_.begin());
    for (const JournalRow& row : rows) {
      const auto event = decode_event(row.raw);
      if (event.ok()) EARFUL_TRY(state_.apply_own(*event, row.raw, row.seq));
      cursor.seq = row.seq;
    }
    EARFUL_TRY(state_.set_own_cursor(cursor));
    EARFUL_TRY(state_.commit());
    EARFUL_TRY(state_.write_back(kFullStateLogBytes));
  }
  return {};
}

void StateKeeper::catch_up_again() {
  auto done = catch_up();
  if (!done.ok()) state_.rollback();
  if (!done.ok() && options_.made_room(done.error())) done = catch_up();
  if (!done.ok()) failed(done.error());
  behind_ = !done.ok();
}

void StateKeeper::apply_own(std::span<const OwnRow> rows) {
  if (behind_) {
    catch_up_again();
    return;
  }
  const JournalHead& head = journal_.head();
  const auto apply = [&]() -> Result<void> {
    EARFUL_TRY(state_.begin());
    uint64_t seq = head.last_seq - rows.size();
    for (const OwnRow& row : rows) EARFUL_TRY(state_.apply_own(row.event, row.raw, ++seq));
    EARFUL_TRY(state_.set_own_cursor({head.id, seq}));
    return state_.commit();
  };
  auto applied = apply();
  if (!applied.ok()) state_.rollback();
  if (!applied.ok() && options_.made_room(applied.error())) applied = apply();
  if (applied.ok()) return;
  failed(applied.error());
  behind_ = true;
}

void StateKeeper::move_to_new_journal(std::span<const JournalRow> rows) {
  const auto renumber = [&]() -> Result<void> {
    EARFUL_TRY(state_.begin());
    EARFUL_TRY(state_.forget_own_seqs());
    EARFUL_TRY(state_.set_have_seq(0));
    for (const JournalRow& row : rows) {
      const auto event = decode_event(row.raw);
      if (event.ok()) EARFUL_TRY(state_.apply_own(*event, row.raw, row.seq));
    }
    EARFUL_TRY(state_.set_own_cursor({journal_.head().id, journal_.head().last_seq}));
    return state_.commit();
  };
  if (const auto done = renumber(); !done.ok()) failed(done.error());
}

void StateKeeper::set_have_seq(uint64_t have_seq) {
  if (const auto kept = state_.set_have_seq(have_seq); !kept.ok()) {
    log_error("failed state", {{"error", kept.error().message}});
  }
}

Result<std::optional<StateKeeper::Changed>> StateKeeper::apply_records(const FeedStretch& stretch) {
  EARFUL_ASSIGN(const State::Cursor at, state_.cursor());
  if (at != stretch.from) return std::optional<Changed>();
  Changed changed;
  EARFUL_TRY(state_.begin());
  for (const Record& record : stretch.records) {
    EARFUL_TRY(state_.apply_record(record, options_.station));
    const auto event = decode_event(record.raw);
    if (!event.ok() || !record.quarantine.empty()) continue;
    EARFUL_ASSIGN(const std::vector<EventId> tags, state_.tags_touched(*event));
    changed.tags.insert(changed.tags.end(), tags.begin(), tags.end());
    changed.shared.insert(shared_notice(*event));
  }
  EARFUL_TRY(state_.set_cursor(stretch.to));
  EARFUL_TRY(state_.commit());
  return std::optional(std::move(changed));
}

std::optional<StateKeeper::Changed> StateKeeper::apply(const FeedStretch& stretch) {
  auto changed = apply_records(stretch);
  if (changed.ok()) return std::move(*changed);
  failed(changed.error());
  return std::nullopt;
}

void StateKeeper::start_feed_over(const State::Cursor& cursor) {
  const auto restart = [&]() -> Result<void> {
    EARFUL_TRY(state_.begin());
    EARFUL_TRY(state_.start_feed_over());
    EARFUL_TRY(state_.set_cursor(cursor));
    return state_.commit();
  };
  if (const auto done = restart(); !done.ok()) failed(done.error());
}

}  // namespace earful::agent
