#include "collector/store/customer_past.h"

#include <algorithm>
#include <map>

#include "proto/past_kind.h"

namespace earful::collector {
namespace {

// The insides of the indexes; what one answer touches of the leaves is small beside them.
constexpr int kCacheKib = 2 * 1024;

// Newest call first; in a call the last tag first.
bool is_newer(const PastTag& a, const PastTag& b, Position a_start, Position b_start) {
  const WallTime a_call = a.call_started_at.value_or(a.time);
  const WallTime b_call = b.call_started_at.value_or(b.time);
  return std::tuple(a_call, a.call, a_start, a.tag) > std::tuple(b_call, b.call, b_start, b.tag);
}

}  // namespace

struct CustomerPast::Past {
  FoldedTag tag;
  bool closed = false;
};

struct CustomerPast::Budget {
  size_t left = kMaxPastRead;
  bool cut = false;  // there was more to read

  bool spend() {
    if (left == 0) cut = true;
    if (!cut) --left;
    return !cut;
  }
};

Result<CustomerPast> CustomerPast::open(const std::filesystem::path& index,
                                        const std::filesystem::path& store) {
  EARFUL_ASSIGN(Database db, Database::open(index, {.read_only = true, .cache_kib = kCacheKib}));
  EARFUL_ASSIGN(StoreReader reader, StoreReader::open(store));
  return CustomerPast(std::move(db), std::move(reader));
}

Result<Customer> CustomerPast::of(const GetCustomer& wanted, WallTime now) {
  EARFUL_ASSIGN(const bool current, is_current(now));
  if (!current) {
    return Error{"E_LATER", "the store is still being read for customers; ask again in a minute"};
  }
  EARFUL_TRY(read_book());
  Customer customer;
  EARFUL_ASSIGN(const std::vector<CallId> calls, calls_of(wanted.customer_key, customer.more));

  struct Shown {
    PastTag tag;
    Position start;
    bool promise;
  };
  std::vector<Shown> shown;
  Budget budget;
  for (const CallId& call : calls) {
    if (call == wanted.except) continue;
    if (budget.cut) break;
    EARFUL_ASSIGN(const std::vector<Past> tags, tags_of(call, budget));
    for (const Past& past : tags) {
      const PastKind kind = past_kind(book_, past.tag.kind);
      const bool promise = kind == PastKind::kPromise;
      if (kind == PastKind::kNothing || (promise && past.closed)) continue;
      if (auto tag = show(past)) shown.push_back({*std::move(tag), past.tag.start, promise});
    }
  }
  customer.more = customer.more || budget.cut;
  std::sort(shown.begin(), shown.end(), [](const Shown& a, const Shown& b) {
    return is_newer(a.tag, b.tag, a.start, b.start);
  });
  for (Shown& one : shown) {
    auto& list = one.promise ? customer.promises : customer.problems;
    if (list.size() < wanted.limit) {
      list.push_back(std::move(one.tag));
    } else {
      customer.more = true;
    }
  }
  return customer;
}

Result<bool> CustomerPast::is_current(WallTime now) {
  auto query = db_.prepare("SELECT key, value FROM meta");
  if (!query.ok()) return false;  // it has not been made yet
  std::map<std::string, std::string> meta;
  while (true) {
    EARFUL_ASSIGN(const bool row, query->step());
    if (!row) break;
    meta[query->text(0)] = query->text(1);
  }
  EARFUL_ASSIGN(const FeedPosition head, store_.head());
  const FeedPosition read = parse_position(meta["position"]).value_or(FeedPosition{});
  const bool ours = meta["store_id"] == store_.id().text() && read.store_epoch == head.store_epoch;
  if (!ours || meta["whole"] != "1") return false;
  if (read == head) return true;
  EARFUL_ASSIGN(const Page next, store_.read(read, 1, {}));
  return next.records.empty() || now - next.records[0].received_at < kMaxIndexLag;
}

Result<void> CustomerPast::read_book() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT feed_seq FROM book WHERE feed_seq>?1 ORDER BY feed_seq"));
  query.bind(1, book_read_);
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return {};
    EARFUL_ASSIGN(const auto raw, store_.event_at(uint64_t(query.integer(0))));
    if (const auto event = decode_event(raw.value_or("")); event.ok()) book_.add(*event);
    book_read_ = query.integer(0);
  }
}

// The newest first.
Result<std::vector<CallId>> CustomerPast::calls_of(const std::string& customer, bool& more) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT call FROM calls WHERE customer=?1 "
                                             "ORDER BY feed_seq DESC LIMIT ?2"));
  query.bind_text(1, customer).bind(2, int64_t(kMaxPastCalls + 1));
  std::vector<CallId> calls;
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) break;
    calls.push_back(CallId::from_raw(query.bytes(0)).value_or(CallId{}));
  }
  if (calls.size() > kMaxPastCalls) {
    calls.pop_back();
    more = true;
  }
  return calls;
}

// Without the one whose changes cost too much: it might be retracted or closed by one not read.
Result<std::vector<CustomerPast::Past>> CustomerPast::tags_of(const CallId& call, Budget& budget) {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT feed_seq FROM call_events WHERE call=?1 AND "
                                             "is_tag=1 ORDER BY feed_seq DESC"));
  query.bind_blob(1, call.raw());
  std::vector<Past> tags;
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row || !budget.spend()) return tags;
    EARFUL_ASSIGN(const auto raw, store_.event_at(uint64_t(query.integer(0))));
    const auto tagged = decode_event(raw.value_or(""));
    if (!tagged.ok()) continue;
    EARFUL_ASSIGN(Past past, fold(*tagged, budget));
    if (budget.cut) return tags;
    tags.push_back(std::move(past));
  }
}

Result<CustomerPast::Past> CustomerPast::fold(const Event& tagged, Budget& budget) {
  Past past;
  past.tag.add(tagged);
  EARFUL_ASSIGN(const std::vector<Event> changes, changes_of(tagged.id, budget));
  for (const Event& change : changes) {
    past.tag.add(change);
    if (std::holds_alternative<FollowUpClosed>(change.payload)) past.closed = true;
    if (const auto* opened = std::get_if<FollowUpOpened>(&change.payload)) {
      EARFUL_ASSIGN(const std::vector<Event> later, changes_of(opened->follow_up, budget));
      for (const Event& one : later) {
        if (std::holds_alternative<FollowUpClosed>(one.payload)) past.closed = true;
      }
    }
  }
  return past;
}

Result<std::vector<Event>> CustomerPast::changes_of(const EventId& about, Budget& budget) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT feed_seq FROM changes WHERE about=?1 ORDER BY feed_seq"));
  query.bind_blob(1, about.raw());
  std::vector<Event> changes;
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row || !budget.spend()) return changes;
    EARFUL_ASSIGN(const auto raw, store_.event_at(uint64_t(query.integer(0))));
    if (auto event = decode_event(raw.value_or("")); event.ok()) {
      changes.push_back(*std::move(event));
    }
  }
}

std::optional<PastTag> CustomerPast::show(const Past& past) const {
  const FoldedTag& tag = past.tag;
  if (tag.retracted || tag.erased || !tag.call) return std::nullopt;
  if (tag.snapshot && tag.snapshot->sample) return std::nullopt;
  PastTag out{tag.id, *tag.call, book_.root(tag.kind), tag.time, std::nullopt, "", tag.note};
  if (tag.snapshot) {
    out.call_started_at = tag.snapshot->started_at;
    out.queue = tag.snapshot->queue;
  }
  return out;
}

}  // namespace earful::collector
