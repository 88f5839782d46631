#include "agent/uplink/feed_reader.h"

#include "base/hash.h"

namespace earful::agent {
namespace {

constexpr std::chrono::seconds kAnswerWithin{5};

}  // namespace

bool FeedReader::same_feed(const StoreId& store, uint64_t epoch) const {
  return store == cursor_.store && epoch == cursor_.position.store_epoch;
}

FeedReader::Step FeedReader::published(std::string_view topic, std::string_view body) {
  Step step;
  if (topic == kHeadTopic) {
    const auto head = decode_head(body);
    // A head behind us is an old message, or a store that was put back: the desk knows which.
    if (head.ok() && (!same_feed(head->store_id, head->position.store_epoch) ||
                      head->position != cursor_.position)) {
      behind_ = true;
    }
    return step;
  }
  auto record = decode_record(body);
  if (!record.ok()) return step;
  const FeedPosition at = record->position;
  const bool next =
      same_feed(record->store_id, at.store_epoch) && at.feed_seq == cursor_.position.feed_seq + 1;
  if (!next) {
    behind_ |=
        !same_feed(record->store_id, at.store_epoch) || at.feed_seq > cursor_.position.feed_seq;
    return step;
  }
  cursor_.position = at;
  step.records.push_back(std::move(*record));
  return step;
}

FeedReader::Step FeedReader::answered(std::string_view body) {
  Step step;
  auto reply = decode_desk_reply(body);
  if (!reply.ok() || !asked_ || reply->request_id != request_id_) return step;
  asked_.reset();
  auto* page = std::get_if<Page>(&reply->reply);
  if (!page) return step;
  const bool put_back = page->head.feed_seq < cursor_.position.feed_seq;
  if (put_back || !same_feed(page->store_id, page->next.store_epoch)) {
    // Whatever this page holds follows a position of another store: ask again, from the first.
    step.starts_over = true;
    cursor_ = {page->store_id, {page->next.store_epoch, 0}};
    behind_ = true;
    return step;
  }
  for (Record& record : page->records) {
    if (record.position.feed_seq <= cursor_.position.feed_seq) continue;
    cursor_.position = record.position;
    step.records.push_back(std::move(record));
  }
  if (page->next.feed_seq > cursor_.position.feed_seq) cursor_.position = page->next;
  behind_ = cursor_.position != page->head;
  return step;
}

std::optional<std::string> FeedReader::ask(SteadyTime now) {
  if (!behind_ || (asked_ && now - *asked_ < kAnswerWithin)) return std::nullopt;
  asked_ = now;
  request_id_ = random_u64();
  DeskRequest request;
  request.request_id = request_id_;
  request.request = Replay{.after = cursor_.position};
  return encode(request);
}

}  // namespace earful::agent
