#include "collector/store/store_reader.h"

#include <algorithm>

namespace earful::collector {
namespace {

Record record_of(const Statement& row, const StoreMeta& meta) {
  Record record;
  record.store_id = meta.store_id;
  record.position = {meta.epoch, uint64_t(row.integer(0))};
  record.station_id = StationId::from_raw(row.bytes(1)).value_or(StationId{});
  record.journal_id = JournalId::from_raw(row.bytes(2)).value_or(JournalId{});
  record.seq = uint64_t(row.integer(3));
  record.received_at = WallTime(std::chrono::milliseconds(row.integer(4)));
  record.quarantine = row.text(5);
  record.raw = row.text(6);
  record.digest = row.text(7);
  return record;
}

bool lets_through(const Filter& filter, const Record& record) {
  const auto& stations = filter.stations;
  if (!stations.empty() &&
      std::find(stations.begin(), stations.end(), record.station_id) == stations.end()) {
    return false;
  }
  if (filter.types.empty()) return true;
  const auto event = decode_event(record.raw);
  return event.ok() && record.quarantine.empty() &&
         std::find(filter.types.begin(), filter.types.end(), event->type) != filter.types.end();
}

}  // namespace

Result<StoreReader> StoreReader::open(const std::filesystem::path& path) {
  std::error_code fault;
  if (!std::filesystem::exists(path, fault)) {
    return Error{"E_NO_STORE", "opening " + path.string() +
                                   ": there is no store; name the collector's folder with --data"};
  }
  StoreReader reader;
  EARFUL_ASSIGN(reader.db_, Database::open(path, {.read_only = true}));
  EARFUL_ASSIGN(reader.meta_, check_schema(reader.db_));
  EARFUL_ASSIGN(reader.head_, reader.db_.prepare("SELECT coalesce(max(feed_seq), 0) FROM events"));
  EARFUL_ASSIGN(reader.read_,
                reader.db_.prepare("SELECT feed_seq, station_id, journal_id, seq, received_at, "
                                   "reason, raw, digest FROM events JOIN journals ON "
                                   "number=journal WHERE feed_seq>?1 ORDER BY feed_seq"));
  EARFUL_ASSIGN(reader.event_at_,
                reader.db_.prepare("SELECT raw FROM events WHERE feed_seq=?1 AND reason IS NULL"));
  return reader;
}

Result<std::optional<std::string>> StoreReader::event_at(uint64_t feed_seq) {
  EARFUL_ASSIGN(const bool row, event_at_.bind(1, int64_t(feed_seq)).step());
  if (!row) return std::optional<std::string>();
  std::optional<std::string> raw = event_at_.text(0);
  event_at_.reset();
  return raw;
}

Result<std::optional<std::string>> StoreReader::event(const EventId& id) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT raw FROM events WHERE event_id=?1 AND reason IS NULL"));
  EARFUL_ASSIGN(const bool row, query.bind_blob(1, id.raw()).step());
  return row ? std::optional(query.text(0)) : std::nullopt;
}

Result<FeedPosition> StoreReader::head() {
  EARFUL_ASSIGN(const bool row, head_.step());
  EARFUL_CHECK(row);
  const FeedPosition position{meta_.epoch, uint64_t(head_.integer(0))};
  head_.reset();
  return position;
}

Result<Page> StoreReader::read(FeedPosition after, uint32_t limit, const Filter& filter) {
  Page page;
  page.store_id = meta_.store_id;
  EARFUL_ASSIGN(page.head, head());
  const bool ours = after.store_epoch == meta_.epoch && after.feed_seq <= page.head.feed_seq;
  page.next = {meta_.epoch, ours ? after.feed_seq : 0};
  limit = std::clamp<uint32_t>(limit, 1, kMaxReplay);

  size_t bytes = 0;
  read_.bind(1, int64_t(page.next.feed_seq));
  for (uint32_t scanned = 0; scanned < kMaxScannedPerPage; ++scanned) {
    EARFUL_ASSIGN(const bool row, read_.step());
    // A row committed since the head was read waits for the next page.
    if (!row || uint64_t(read_.integer(0)) > page.head.feed_seq) {
      page.next = page.head;
      break;
    }
    Record record = record_of(read_, meta_);
    if (lets_through(filter, record)) {
      bytes += record.raw.size();
      if (!page.records.empty() && bytes > kMaxPageBytes) break;
      page.next = record.position;
      page.records.push_back(std::move(record));
      if (page.records.size() == limit) break;
    } else {
      page.next = record.position;
    }
  }
  read_.reset();
  return page;
}

}  // namespace earful::collector
