#include "agent/journal/journal_scribe.h"

#include <algorithm>

#include "agent/journal/alarm.h"
#include "agent/journal/same_act.h"
#include "agent/journal/shared_notice.h"
#include "agent/state/tag_json.h"
#include "base/log.h"
#include "proto/tag_fold.h"

namespace earful::agent {
namespace {

constexpr size_t kMaxBatch = 1024;  // one commit; bounds the time a first letter waits for the last

// How often an idle scribe tidies up.
constexpr std::chrono::seconds kTidyEvery{1};

}  // namespace

Result<std::unique_ptr<JournalScribe>> JournalScribe::start(Options options) {
  EARFUL_ASSIGN(Journal journal, Journal::open(options.data_dir));
  EARFUL_ASSIGN(State state, State::open(options.data_dir / "state.db", false));
  std::unique_ptr<JournalScribe> scribe(
      new JournalScribe(std::move(options), std::move(journal), std::move(state)));
  EARFUL_TRY(scribe->keeper_.catch_up());
  scribe->publish_head();
  scribe->thread_ = std::thread([raw = scribe.get()] { raw->run(); });
  return scribe;
}

JournalScribe::JournalScribe(Options options, Journal journal, State state)
    : options_(std::move(options)),
      journal_(std::move(journal)),
      keeper_({.data_dir = options_.data_dir,
               .station = options_.station,
               .made_room = [this](const Error& error) { return made_room(error); }},
              journal_, std::move(state)) {}

JournalScribe::~JournalScribe() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void JournalScribe::append(Event event, SavedAnswer answer) {
  event.source = options_.station;
  post(AppendLetter{std::move(event), std::move(answer), {}});
}
void JournalScribe::append_made(EventMaker make, SavedAnswer answer) {
  post(AppendLetter{{}, std::move(answer), std::move(make)});
}
void JournalScribe::delivered(const JournalId& journal, uint64_t have_seq, uint64_t safe_seq,
                              const std::string& store) {
  post(DeliveredLetter{journal, have_seq, safe_seq, store});
}
void JournalScribe::fork(const JournalId& journal, const std::string& reason) {
  post(ForkLetter{journal, reason});
}
void JournalScribe::records(FeedStretch stretch, Taken taken) {
  post(RecordsLetter{std::move(stretch), std::move(taken)});
}
void JournalScribe::feed_starts_over(State::Cursor cursor) { post(StartOverLetter{cursor}); }

void JournalScribe::post(Letter letter) {
  {
    const std::lock_guard lock(mutex_);
    letters_.push_back(std::move(letter));
  }
  waiting_.notify_one();
}

JournalHead JournalScribe::head() const {
  const std::lock_guard lock(mutex_);
  return published_head_;
}

std::string JournalScribe::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void JournalScribe::set_trouble(const std::string& text) {
  const std::lock_guard lock(mutex_);
  trouble_ = text;
}

void JournalScribe::run() {
  for (;;) {
    ++turns_;
    std::deque<Letter> batch;
    {
      std::unique_lock lock(mutex_);
      waiting_.wait_for(lock, kTidyEvery, [&] { return stopping_ || !letters_.empty(); });
      if (letters_.empty() && stopping_) break;
      const size_t take = std::min(letters_.size(), kMaxBatch);
      std::move(letters_.begin(), letters_.begin() + long(take), std::back_inserter(batch));
      letters_.erase(letters_.begin(), letters_.begin() + long(take));
    }
    for (Letter& letter : batch) {
      std::visit([this](auto& opened) { open_letter(opened); }, letter);
    }
    write_drafts();
    batch.empty() ? tidy() : write_back(kFullJournalLogBytes, kFullStateLogBytes);
  }
  flush();
}

// False where it was answered instead.
bool JournalScribe::make_event(AppendLetter& letter) {
  write_drafts();
  if (keeper_.behind()) keeper_.catch_up_again();
  auto made = letter.make(keeper_.state());
  if (made.ok() && made->has_value()) {
    letter.event = std::move(**made);
    letter.event.source = options_.station;
    return true;
  }
  letter.answer(made.ok() ? Result<Saved>(Saved{{}, 0, true}) : made.error());
  return false;
}

void JournalScribe::open_letter(AppendLetter& letter) {
  if (letter.make && !make_event(letter)) return;
  Event& event = letter.event;
  const auto tag = earful::tag_of(event);
  const bool touches_draft = std::any_of(drafts_.begin(), drafts_.end(), [&](const Draft& draft) {
    return draft.event.id == event.id || (tag && earful::tag_of(draft.event) == tag);
  });
  if (touches_draft) write_drafts();
  if (auto answer = already_answered(event)) {
    letter.answer(std::move(*answer));
    return;
  }
  std::string raw = encode_event(event);
  if (const auto fit = decode_event(raw); !fit.ok()) {
    letter.answer(Error{"E_VALUE", fit.error().message});
    return;
  }
  const EventId id = event.id;
  drafts_.push_back({std::move(event), {id, std::move(raw)}, std::move(letter.answer)});
}

std::optional<Result<Saved>> JournalScribe::already_answered(const Event& event) {
  const auto row = journal_.find(event.id);
  if (!row.ok()) return row.error();
  if (row->has_value()) {
    const auto before = decode_event((*row)->raw);
    if (before.ok() && same_act(*before, event)) return Saved{event.id, (*row)->seq, true};
    return Error{"E_CONFLICT",
                 "saving event " + event.id.text() + ": another event has this id; use a new one"};
  }
  const auto about = earful::tag_of(event);
  if (!about) return std::nullopt;
  const auto known = keeper_.state().tag(*about);
  if (!known.ok()) return known.error();
  if (std::holds_alternative<Tagged>(event.payload)) {
    if (!known->has_value()) return std::nullopt;
    return Error{"E_CONFLICT", "saving event " + event.id.text() +
                                   ": a tag of another station has this id; use a new one"};
  }
  if (!known->has_value()) {
    return Error{"E_NO_TAG", "changing tag " + about->text() + ": there is no such tag here"};
  }
  const bool retracted_again =
      (*known)->retracted && std::holds_alternative<TagRetracted>(event.payload);
  if (retracted_again) return Saved{event.id, (*known)->seq, true};
  return std::nullopt;
}

void JournalScribe::write_drafts() {
  if (drafts_.empty()) return;
  std::vector<JournalEntry> entries;
  entries.reserve(drafts_.size());
  for (const Draft& draft : drafts_) entries.push_back(draft.entry);
  auto appended = journal_.append(entries);
  if (!appended.ok() && made_room(appended.error())) appended = journal_.append(entries);
  if (!appended.ok() && moved_to_new_file(appended.error())) appended = journal_.append(entries);
  if (!appended.ok()) {
    save_drafts_failed(appended.error());
    return;
  }
  set_trouble("");
  std::vector<Draft> written = std::move(drafts_);
  drafts_.clear();
  const uint64_t first_seq = journal_.head().last_seq - written.size() + 1;
  publish_head();  // the uplink sends while the state is written
  std::vector<StateKeeper::OwnRow> rows;
  rows.reserve(written.size());
  for (const Draft& draft : written) rows.push_back({draft.event, draft.entry.raw});
  keeper_.apply_own(rows);
  for (size_t i = 0; i < written.size(); ++i) {
    written[i].answer(Saved{written[i].event.id, first_seq + i, false});
  }
  std::set<std::string_view> shared;
  for (const Draft& draft : written) {
    if (const auto tag = earful::tag_of(draft.event)) notify_tag(*tag);
    shared.insert(shared_notice(draft.event));
  }
  notify_shared(shared);
}

bool JournalScribe::moved_to_new_file(const Error& error) {
  if (error.code != "E_DB_IO") return false;
  const auto rows = journal_.start_new_file(error.message);
  if (rows.ok()) move_to_new_journal(*rows, "the disk failed under the old journal file");
  return rows.ok();
}

void JournalScribe::save_drafts_failed(const Error& error) {
  const std::string message =
      "NOT SAVED: " + error.message + (error.code == "E_DB_FULL" ? "; free some disk space" : "");
  log_error("failed append", {{"code", error.code}, {"error", error.message}});
  set_trouble(message);
  std::vector<Draft> refused = std::move(drafts_);
  drafts_.clear();
  for (Draft& draft : refused) draft.answer(Error{"E_NOT_SAVED", message});
  options_.notify(alarm("E_NOT_SAVED", message));
}

void JournalScribe::open_letter(DeliveredLetter& letter) {
  if (letter.journal != journal_.head().id) return;
  meet_store(letter);
  if (letter.journal != journal_.head().id) return;
  safe_seq_ = letter.safe_seq;
  journal_.set_stored_seq(letter.have_seq);
  keeper_.set_have_seq(letter.have_seq);
  options_.notify({"delivered", "{\"seq\":" + std::to_string(letter.have_seq) + "}"});
}

// Another store, or the same one put back from a copy, may lack what closed journals had delivered.
void JournalScribe::meet_store(const DeliveredLetter& letter) {
  const auto again = journal_.meet_store(letter.store, letter.have_seq);
  if (!again.ok()) {
    log_error("failed to say all again", {{"error", again.error().message}});
    return;
  }
  if (!*again) return;
  const uint64_t rows = journal_.head().last_seq;
  log_error("opened journal", {{"journal", journal_.head().id.text()},
                               {"appended_again", rows},
                               {"reason", "the store lacked events of closed journals"}});
  keeper_.catch_up_again();
  publish_head();
  options_.notify(alarm("E_STORE",
                        "The collector's store lacks events it once had, "
                        "or is another one. No saved tag is lost; " +
                            std::to_string(rows) + " are being sent again."));
}

void JournalScribe::open_letter(ForkLetter& letter) {
  write_drafts();
  if (letter.journal != journal_.head().id) return;  // told twice
  const auto rows = journal_.fork(letter.reason);
  if (!rows.ok()) {
    log_error("failed fork", {{"error", rows.error().message}});
    set_trouble("NOT SAVED: " + rows.error().message);
    return;
  }
  move_to_new_journal(*rows, letter.reason);
}

void JournalScribe::move_to_new_journal(const std::vector<JournalRow>& rows,
                                        const std::string& why) {
  log_error(
      "opened journal",
      {{"journal", journal_.head().id.text()}, {"appended_again", rows.size()}, {"reason", why}});
  keeper_.move_to_new_journal(rows);
  publish_head();
  for (const JournalRow& row : rows) {  // pages learn the new seq before a "delivered" counts it
    const auto event = decode_event(row.raw);
    if (const auto tag = event.ok() ? earful::tag_of(*event) : std::nullopt) notify_tag(*tag);
  }
  options_.notify(alarm("E_FORK", "This station's journal was replaced: " + why +
                                      ". No saved tag is lost; " + std::to_string(rows.size()) +
                                      " are being sent again."));
}

// Before the state, which is made again from the journal.
bool JournalScribe::erase_own(const std::vector<Record>& records) {
  std::vector<EventId> named;
  for (const Record& record : records) {
    const auto event = decode_event(record.raw);
    if (!event.ok() || !record.quarantine.empty()) continue;
    const auto* erased = std::get_if<Erased>(&event->payload);
    if (erased) named.insert(named.end(), erased->events.begin(), erased->events.end());
  }
  auto done = journal_.erase(named);
  if (!done.ok() && made_room(done.error())) done = journal_.erase(named);
  if (!done.ok() && moved_to_new_file(done.error())) done = journal_.erase(named);
  if (!done.ok()) log_error("failed erasure", {{"error", done.error().message}});
  return done.ok();
}

void JournalScribe::open_letter(RecordsLetter& letter) {
  if (!erase_own(letter.stretch.records)) {
    letter.taken(false);
    return;
  }
  const auto changed = keeper_.apply(letter.stretch);
  if (changed) {
    for (const EventId& tag : changed->tags) notify_tag(tag);
    notify_shared(changed->shared);
  }
  letter.taken(changed.has_value());
}

void JournalScribe::open_letter(StartOverLetter& letter) { keeper_.start_feed_over(letter.cursor); }

void JournalScribe::publish_head() {
  {
    const std::lock_guard lock(mutex_);
    if (published_head_ == journal_.head()) return;
    published_head_ = journal_.head();
  }
  if (options_.on_head) options_.on_head();
}

void JournalScribe::notify_shared(const std::set<std::string_view>& types) {
  for (const std::string_view type : types) {
    if (!type.empty()) options_.notify({std::string(type), "{}"});
  }
}

void JournalScribe::notify_tag(const EventId& id) {
  const auto tag = keeper_.state().tag(id);
  if (tag.ok() && tag->has_value()) options_.notify({"tag", tag_json(**tag)});
}

}  // namespace earful::agent
