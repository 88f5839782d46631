#include "collector/store/customer_index.h"

#include <sys/resource.h>

#include <set>

#include "base/log.h"
#include "proto/tag_fold.h"
#include "proto/tagbook_fold.h"

namespace earful::collector {
namespace {

// A cache of another format is made anew.
constexpr int64_t kFormat = 1;
constexpr int kCacheKib = 4 * 1024;  // the insides of the indexes, while a big store is read
constexpr int kPagesPerCommit = 16;
constexpr int kNice = 10;  // delivery goes first

constexpr const char* kDropAll =
    "DROP TABLE IF EXISTS meta; DROP TABLE IF EXISTS calls; DROP TABLE IF EXISTS call_events; "
    "DROP TABLE IF EXISTS changes; DROP TABLE IF EXISTS book;";
constexpr const char* kSchema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE calls(
  call BLOB PRIMARY KEY, customer TEXT NOT NULL, feed_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX calls_of_customer ON calls(customer, feed_seq);
CREATE TABLE call_events(
  call BLOB NOT NULL, is_tag INTEGER NOT NULL, feed_seq INTEGER NOT NULL,
  PRIMARY KEY(call, is_tag, feed_seq)) WITHOUT ROWID;
CREATE TABLE changes(
  about BLOB NOT NULL, feed_seq INTEGER NOT NULL, PRIMARY KEY(about, feed_seq)) WITHOUT ROWID;
CREATE TABLE book(feed_seq INTEGER PRIMARY KEY);
)";

bool names_customer(const Event& event) {
  return event.subject && (std::holds_alternative<Tagged>(event.payload) ||
                           std::holds_alternative<CallStarted>(event.payload) ||
                           std::holds_alternative<CallUpdated>(event.payload) ||
                           std::holds_alternative<CallEnded>(event.payload));
}

Result<int64_t> format_of(Database& db) {
  EARFUL_ASSIGN(Statement version, db.prepare("PRAGMA user_version"));
  EARFUL_ASSIGN(const bool row, version.step());
  EARFUL_CHECK(row);
  return version.integer(0);
}

Result<std::string> meta(Database& db, std::string_view key) {
  EARFUL_ASSIGN(Statement query, db.prepare("SELECT value FROM meta WHERE key=?1"));
  EARFUL_ASSIGN(const bool row, query.bind_text(1, key).step());
  return row ? query.text(0) : std::string();
}

}  // namespace

Result<CustomerIndex> CustomerIndex::open(const std::filesystem::path& path,
                                          const std::filesystem::path& store) {
  auto index = open_as_it_is(path, store);
  if (index.ok()) return index;
  const Error& error = index.error();
  if (error.code != "E_DB_CORRUPT" && error.code != "E_DB") return index;
  std::error_code ignored;  // then opening it says what is wrong
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path.string() + suffix, ignored);
  }
  auto anew = open_as_it_is(path, store);
  if (anew.ok()) log_warn("make customer index again", {{"error", error.message}});
  return anew;
}

Result<CustomerIndex> CustomerIndex::open_as_it_is(const std::filesystem::path& path,
                                                   const std::filesystem::path& store) {
  EARFUL_ASSIGN(StoreReader reader, StoreReader::open(store));
  EARFUL_ASSIGN(Database db, Database::open(path, {.durable = false, .cache_kib = kCacheKib}));
  CustomerIndex index(std::move(db), std::move(reader));
  EARFUL_TRY(index.prepare());
  return index;
}

Result<void> CustomerIndex::prepare() {
  EARFUL_ASSIGN(const FeedPosition head, store_.head());
  EARFUL_ASSIGN(const int64_t format, format_of(db_));
  if (format == kFormat) {
    EARFUL_ASSIGN(const std::string id, meta(db_, "store_id"));
    EARFUL_ASSIGN(const std::string position, meta(db_, "position"));
    EARFUL_ASSIGN(const std::string whole, meta(db_, "whole"));
    cursor_ = parse_position(position).value_or(FeedPosition{});
    whole_ = whole == "1";
    const bool ours = id == store_.id().text() && cursor_.store_epoch == head.store_epoch;
    if (ours && cursor_.feed_seq <= head.feed_seq) return {};
  }
  cursor_ = {head.store_epoch, 0};
  whole_ = false;
  EARFUL_TRY(db_.begin());
  EARFUL_TRY(db_.execute(kDropAll));
  EARFUL_TRY(db_.execute(kSchema));
  EARFUL_TRY(db_.execute("PRAGMA user_version = " + std::to_string(kFormat)));
  EARFUL_TRY(save_cursor(false));
  return db_.commit();
}

Result<void> CustomerIndex::catch_up(const std::atomic<bool>& stop) {
  while (!stop) {
    EARFUL_ASSIGN(const FeedPosition head, store_.head());
    if (head.feed_seq == cursor_.feed_seq && whole_) return {};
    const FeedPosition before = cursor_;
    EARFUL_TRY(db_.begin());
    const auto more = read_pages(stop);
    const auto done = more.ok() ? db_.commit() : Result<void>(more.error());
    if (!done.ok()) {
      db_.rollback();
      cursor_ = before;
      return done;
    }
    if (!*more) return {};
  }
  return {};
}

// Whether there is more.
Result<bool> CustomerIndex::read_pages(const std::atomic<bool>& stop) {
  bool more = true;
  for (int pages = 0; more && pages < kPagesPerCommit && !stop; ++pages) {
    EARFUL_ASSIGN(const Page page, store_.read(cursor_, kMaxReplay, {}));
    for (const Record& record : page.records) EARFUL_TRY(add(record));
    cursor_ = page.next;
    more = page.next != page.head;
  }
  EARFUL_TRY(save_cursor(whole_ || !more));
  whole_ = whole_ || !more;
  return more;
}

Result<void> CustomerIndex::save_cursor(bool whole) {
  EARFUL_ASSIGN(Statement save, db_.prepare("INSERT OR REPLACE INTO meta VALUES(?1, ?2)"));
  EARFUL_TRY(save.bind_text(1, "store_id").bind_text(2, store_.id().text()).run());
  EARFUL_TRY(save.bind_text(1, "position").bind_text(2, position_text(cursor_)).run());
  return save.bind_text(1, "whole").bind_text(2, whole ? "1" : "0").run();
}

Result<void> CustomerIndex::add(const Record& record) {
  if (!record.quarantine.empty()) return {};
  const auto decoded = decode_event(record.raw);
  if (!decoded.ok()) return {};
  const Event& event = *decoded;
  const uint64_t feed_seq = record.position.feed_seq;
  if (names_customer(event)) return add_call_event(event, feed_seq);
  if (const auto tag = tag_of(event)) return add_change(*tag, feed_seq);
  if (const auto* opened = std::get_if<FollowUpOpened>(&event.payload)) {
    return add_change(opened->tag, feed_seq);
  }
  if (const auto* closed = std::get_if<FollowUpClosed>(&event.payload)) {
    return add_change(closed->follow_up, feed_seq);
  }
  if (is_about_tagbook(event)) {
    EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT OR IGNORE INTO book VALUES(?1)"));
    return insert.bind(1, int64_t(feed_seq)).run();
  }
  if (const auto* erased = std::get_if<Erased>(&event.payload)) {
    return find_customers_again(*erased);
  }
  return {};
}

Result<void> CustomerIndex::add_call_event(const Event& event, uint64_t feed_seq) {
  const bool tag = std::holds_alternative<Tagged>(event.payload);
  EARFUL_ASSIGN(Statement insert,
                db_.prepare("INSERT OR IGNORE INTO call_events VALUES(?1, ?2, ?3)"));
  insert.bind_blob(1, event.subject->raw()).bind(2, int64_t(tag)).bind(3, int64_t(feed_seq));
  EARFUL_TRY(insert.run());
  if (event.personal.customer_key.empty()) return {};
  EARFUL_ASSIGN(Statement save,
                db_.prepare("INSERT INTO calls VALUES(?1, ?2, ?3) ON CONFLICT(call) DO UPDATE SET "
                            "customer=excluded.customer WHERE customer<>excluded.customer"));
  save.bind_blob(1, event.subject->raw()).bind_text(2, event.personal.customer_key);
  return save.bind(3, int64_t(feed_seq)).run();
}

Result<void> CustomerIndex::add_change(const EventId& about, uint64_t feed_seq) {
  EARFUL_ASSIGN(Statement insert, db_.prepare("INSERT OR IGNORE INTO changes VALUES(?1, ?2)"));
  return insert.bind_blob(1, about.raw()).bind(2, int64_t(feed_seq)).run();
}

// The store has erased the event already: what its call's events still say is all there is.
Result<void> CustomerIndex::find_customers_again(const Erased& erased) {
  std::set<CallId> calls;
  for (const EventId& id : erased.events) {
    EARFUL_ASSIGN(const std::optional<std::string> raw, store_.event(id));
    const auto event = decode_event(raw.value_or(""));
    if (event.ok() && names_customer(*event)) calls.insert(*event->subject);
  }
  for (const CallId& call : calls) EARFUL_TRY(find_customer_again(call));
  return {};
}

Result<void> CustomerIndex::find_customer_again(const CallId& call) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT feed_seq FROM call_events WHERE call=?1 "
                                             "ORDER BY feed_seq"));
  query.bind_blob(1, call.raw());
  std::string customer;
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) break;
    EARFUL_ASSIGN(const std::optional<std::string> other,
                  store_.event_at(uint64_t(query.integer(0))));
    const auto told = decode_event(other.value_or(""));
    if (told.ok() && !told->personal.customer_key.empty()) customer = told->personal.customer_key;
  }
  EARFUL_ASSIGN(Statement save,
                db_.prepare(customer.empty() ? "DELETE FROM calls WHERE call=?1"
                                             : "UPDATE calls SET customer=?2 WHERE call=?1"));
  save.bind_blob(1, call.raw());
  if (!customer.empty()) save.bind_text(2, customer);
  return save.run();
}

void run_customer_index(const std::filesystem::path& path, const std::filesystem::path& store,
                        const std::atomic<bool>& stop, const Wake& wake, Counters& counters) {
  setpriority(PRIO_PROCESS, 0, kNice);  // on Linux of this thread alone
  std::optional<CustomerIndex> index;
  const auto step = [&]() -> Result<void> {
    if (!index) {
      EARFUL_ASSIGN(index, CustomerIndex::open(path, store));
    }
    return index->catch_up(stop);
  };
  std::string trouble;
  while (!stop) {
    const auto done = step();
    const std::string now = done.ok() ? "" : done.error().message;
    if (now != trouble && !now.empty()) log_warn("customer index stands still", {{"error", now}});
    trouble = now;
    counters.customers_unread = done.ok() ? 0 : 1;
    poll({}, &wake, kIndexEvery);
    wake.drain();
  }
}

}  // namespace earful::collector
