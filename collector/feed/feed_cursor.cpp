#include "collector/feed/feed_cursor.h"

namespace earful::collector {

void FeedCursor::note(const StoreId& store, FeedPosition head) {
  if (!same_life(store, head.store_epoch) || head.feed_seq > at_.feed_seq) behind_ = true;
}

std::optional<Record> FeedCursor::published(std::string_view topic, std::string_view body) {
  if (topic == kHeadTopic) {
    if (const auto head = decode_head(body); head.ok()) note(head->store_id, head->position);
    return std::nullopt;
  }
  auto record = decode_record(body);
  if (!record.ok()) return std::nullopt;
  const FeedPosition at = record->position;
  if (!behind_ && same_life(record->store_id, at.store_epoch) && at.feed_seq == at_.feed_seq + 1) {
    at_ = at;
    return *std::move(record);
  }
  note(record->store_id, at);
  return std::nullopt;
}

std::vector<Record> FeedCursor::answered(Page page) {
  // The desk starts another life of a store at its first record.
  if (!same_life(page.store_id, page.next.store_epoch)) {
    store_ = page.store_id;
    at_ = {page.next.store_epoch, 0};
  }
  std::vector<Record> records;
  for (Record& record : page.records) {
    if (record.position.feed_seq <= at_.feed_seq) continue;
    at_ = record.position;
    records.push_back(std::move(record));
  }
  if (page.next.feed_seq > at_.feed_seq) at_ = page.next;
  behind_ = at_.feed_seq < page.head.feed_seq;
  return records;
}

}  // namespace earful::collector
