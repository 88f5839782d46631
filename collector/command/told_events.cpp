#include "collector/command/told_events.h"

#include "collector/store/store_reader.h"

namespace earful::collector {

Result<void> tell_events(const DataFolder& folder,
                         const std::vector<std::function<void(const Event&)>>& readers) {
  EARFUL_ASSIGN(StoreReader reader, StoreReader::open(folder.store()));
  EARFUL_ASSIGN(const FeedPosition head, reader.head());
  for (const auto& told : readers) {
    // What is stored meanwhile is for the next time: all readers hear the same events.
    for (FeedPosition at{reader.epoch(), 0}; at.feed_seq < head.feed_seq;) {
      EARFUL_ASSIGN(const Page page, reader.read(at, kMaxReplay, {}));
      for (const Record& record : page.records) {
        if (!record.quarantine.empty() || record.position.feed_seq > head.feed_seq) continue;
        if (const auto event = decode_event(record.raw); event.ok()) told(*event);
      }
      at = page.next;
      if (page.next == page.head) break;
    }
  }
  return {};
}

}  // namespace earful::collector
