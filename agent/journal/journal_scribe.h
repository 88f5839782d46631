// The scribe at work: one thread that owns the journal and the writing half of the state.
// Everything else sends it letters through one queue; what arrives while a commit runs is the next
// batch.
//
// Own events: journal (durable), then state, then the answer, then the notice. Records of the feed:
// what they erase in the journal (durable), then state, then the notice. A journal that forked or
// lost its disk is replaced here and nowhere else.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "agent/journal/journal.h"
#include "agent/journal/scribe.h"
#include "agent/journal/state_keeper.h"
#include "agent/state/state.h"
#include "base/ids.h"
#include "base/result.h"

namespace earful::agent {

class JournalScribe : public Scribe {
 public:
  struct Options {
    std::filesystem::path data_dir;
    StationId station;
    NoticeSink notify;              // called on the scribe's thread
    std::function<void()> on_head;  // the journal's head moved; any thread may ask head()
    // The disk is full: frees what is held back for this. False: nothing is.
    std::function<bool()> make_room = {};
  };
  // Opens journal and state, brings the state up to the journal, starts the thread.
  static Result<std::unique_ptr<JournalScribe>> start(Options options);
  // Finishes what was sent before, then ends the thread.
  ~JournalScribe() override;

  void append(Event event, SavedAnswer answer) override;
  void append_made(EventMaker make, SavedAnswer answer) override;

  // The store has rows of this journal up to have_seq (less than before after a restore), and the
  // oldest backup kept has those up to safe_seq. store names its id and epoch.
  void delivered(const JournalId& journal, uint64_t have_seq, uint64_t safe_seq,
                 const std::string& store);
  // This journal is not the one the store knows.
  void fork(const JournalId& journal, const std::string& reason);
  // Told afterwards whether the state has these records. When it has not, it takes no others before
  // those that follow its cursor.
  using Taken = std::function<void(bool)>;
  void records(FeedStretch stretch, Taken taken);
  void feed_starts_over(State::Cursor cursor);

  JournalHead head() const;
  // "" while the journal takes events; otherwise why not, for a person.
  std::string trouble() const;
  // Grows at least once a second while the thread is at work.
  uint64_t turns() const { return turns_.load(); }

 private:
  struct AppendLetter {
    Event event;
    SavedAnswer answer;
    EventMaker make;  // the event, when its turn has come; empty where it is there
  };
  struct DeliveredLetter {
    JournalId journal;
    uint64_t have_seq;
    uint64_t safe_seq;
    std::string store;
  };
  struct ForkLetter {
    JournalId journal;
    std::string reason;
  };
  struct RecordsLetter {
    FeedStretch stretch;
    Taken taken;
  };
  struct StartOverLetter {
    State::Cursor cursor;
  };
  using Letter =
      std::variant<AppendLetter, DeliveredLetter, ForkLetter, RecordsLetter, StartOverLetter>;

  // An event accepted into the batch that is being written.
  struct Draft {
    Event event;
    JournalEntry entry;
    SavedAnswer answer;
  };

  JournalScribe(Options options, Journal journal, State state);
  void run();
  void post(Letter letter);
  void open_letter(AppendLetter& letter);
  void open_letter(DeliveredLetter& letter);
  void open_letter(ForkLetter& letter);
  void open_letter(RecordsLetter& letter);
  void open_letter(StartOverLetter& letter);
  bool make_event(AppendLetter& letter);
  // An answer that is known before anything is written; nothing where the event must be appended.
  std::optional<Result<Saved>> already_answered(const Event& event);
  bool made_room(const Error& error);
  void write_drafts();
  // A disk that failed is final for its file; whether the journal goes on in another.
  bool moved_to_new_file(const Error& error);
  void save_drafts_failed(const Error& error);
  void move_to_new_journal(const std::vector<JournalRow>& rows, const std::string& why);
  void meet_store(const DeliveredLetter& letter);
  // False where what these records erase could not be taken out of the journal.
  bool erase_own(const std::vector<Record>& records);
  void tidy();  // nobody waits
  void flush();
  void trim();
  // Each log of which more waits.
  void write_back(int64_t journal_bytes, int64_t state_bytes);
  void publish_head();
  void notify_tag(const EventId& id);
  void notify_shared(const std::set<std::string_view>& types);
  void set_trouble(const std::string& text);

  Options options_;
  Journal journal_;
  StateKeeper keeper_;
  std::vector<Draft> drafts_;
  uint64_t safe_seq_ = 0;
  std::optional<SteadyTime> trimmed_;

  // The queue, and the head others read.
  mutable std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<Letter> letters_;
  bool stopping_ = false;
  JournalHead published_head_;
  std::string trouble_;

  std::atomic<uint64_t> turns_{0};
  std::thread thread_;
};

}  // namespace earful::agent
