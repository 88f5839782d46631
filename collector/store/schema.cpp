#include "collector/store/schema.h"

#include "base/hash.h"

namespace earful::collector {
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE journals(
  number INTEGER PRIMARY KEY,
  station_id BLOB NOT NULL,
  journal_id BLOB NOT NULL,
  have_seq INTEGER NOT NULL,
  have_chain BLOB,
  UNIQUE(station_id, journal_id));
CREATE TABLE events(
  feed_seq INTEGER PRIMARY KEY,
  journal INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  received_at INTEGER NOT NULL,  -- ms since 1970, the collector's clock
  reason TEXT,
  event_id BLOB,
  raw BLOB NOT NULL,
  digest BLOB);
CREATE UNIQUE INDEX event_ids ON events(event_id) WHERE reason IS NULL;
CREATE UNIQUE INDEX journal_rows ON events(journal, seq);
CREATE INDEX quarantine ON events(reason, event_id) WHERE reason IS NOT NULL;
CREATE TABLE repeats(
  journal INTEGER NOT NULL, seq INTEGER NOT NULL, event_id BLOB NOT NULL, digest BLOB NOT NULL,
  PRIMARY KEY(journal, seq)) WITHOUT ROWID;
CREATE TABLE gaps(
  journal INTEGER NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
  chain BLOB NOT NULL,
  PRIMARY KEY(journal, to_seq)) WITHOUT ROWID;
CREATE TABLE pending_erasures(event_id BLOB PRIMARY KEY) WITHOUT ROWID;
)";

Result<bool> has_schema(Database& db) {
  EARFUL_ASSIGN(Statement query, db.prepare("SELECT 1 FROM sqlite_master WHERE name='meta'"));
  EARFUL_ASSIGN(const bool row, query.step());
  query.reset();
  return row;
}

}  // namespace

uint64_t make_epoch(uint64_t old) {
  while (true) {
    const uint64_t epoch = random_u64() >> 32;
    if (epoch != 0 && epoch != old) return epoch;
  }
}

Result<StoreMeta> make_or_check_schema(Database& db) {
  EARFUL_TRY(db.begin());
  EARFUL_ASSIGN(const bool there, has_schema(db));
  if (!there) {
    EARFUL_TRY(db.execute(kSchema));
    EARFUL_ASSIGN(Statement insert, db.prepare("INSERT INTO meta VALUES(?1, ?2)"));
    EARFUL_TRY(insert.bind_text(1, "format").bind(2, kStoreFormat).run());
    EARFUL_TRY(insert.bind_text(1, "store_id").bind_blob(2, view(make_uuid_v4())).run());
    EARFUL_TRY(insert.bind_text(1, "store_epoch").bind(2, int64_t(make_epoch(0))).run());
  }
  EARFUL_TRY(db.commit());
  return check_schema(db);
}

Result<StoreMeta> check_schema(Database& db) {
  EARFUL_ASSIGN(const bool there, has_schema(db));
  if (!there) {
    return Error{"E_NO_STORE",
                 "opening the store: this file is not one; name its folder with "
                 "--data"};
  }
  StoreMeta meta;
  int64_t format = 0;
  EARFUL_ASSIGN(Statement query, db.prepare("SELECT key, value FROM meta"));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) break;
    if (query.bytes(0) == "format") format = query.integer(1);
    if (query.bytes(0) == "store_epoch") meta.epoch = uint64_t(query.integer(1));
    if (query.bytes(0) == "store_id") {
      meta.store_id = StoreId::from_raw(query.bytes(1)).value_or(StoreId{});
    }
  }
  if (format > kStoreFormat) {
    return Error{"E_VERSION", "opening the store: it has format " + std::to_string(format) +
                                  ", this program knows " + std::to_string(kStoreFormat) +
                                  "; use the newer program"};
  }
  if (format < 1 || meta.epoch == 0 || meta.store_id.is_zero()) {
    return Error{"E_DB_CORRUPT", "opening the store: its first table is damaged"};
  }
  return meta;
}

}  // namespace earful::collector
