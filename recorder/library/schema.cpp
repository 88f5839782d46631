#include "recorder/library/schema.h"

namespace earful::recorder {
namespace {

// sort_at is the start of the call, or the time it was added where that is unknown.
// announced: 0 never, 1 as it stands, 2 before its last change.
constexpr const char* kVersion1 = R"(
CREATE TABLE calls(
  n INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  external_id TEXT NOT NULL,
  started_at INTEGER,
  direction INTEGER NOT NULL,
  queue TEXT NOT NULL,
  team TEXT NOT NULL,
  agent_ref TEXT NOT NULL,
  language TEXT NOT NULL,
  customer_tier TEXT NOT NULL,
  labels TEXT NOT NULL,
  sample INTEGER NOT NULL,
  agent_name TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  customer_key TEXT NOT NULL,
  duration INTEGER NOT NULL,
  legs INTEGER NOT NULL,
  sample_rate_hz INTEGER NOT NULL,
  warnings TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  announced INTEGER NOT NULL DEFAULT 0,
  sort_at INTEGER NOT NULL,
  folded TEXT NOT NULL
);
CREATE INDEX calls_by_time ON calls(sort_at, id);
CREATE INDEX calls_by_external_id ON calls(external_id) WHERE external_id <> '';
CREATE INDEX calls_due ON calls(n) WHERE announced <> 1;
CREATE INDEX calls_without_key ON calls(n) WHERE customer_id <> '' AND customer_key = '';
CREATE INDEX calls_real ON calls(n) WHERE sample = 0;
)";

// Calls that go on, and what is known about the audio. notes is an array (call_notes.h), measures
// an object (recorder/codec/measures.h) or '' where none were made. What was announced before had
// ended.
constexpr const char* kVersion2 = R"(
ALTER TABLE calls ADD COLUMN live INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN capture TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN measures TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN ended_told INTEGER NOT NULL DEFAULT 0;
UPDATE calls SET ended_told = 1 WHERE announced <> 0;
CREATE INDEX calls_live ON calls(n) WHERE live <> 0;
PRAGMA user_version = 2;
)";

Result<void> bring_up(Database& db, const std::filesystem::path& file) {
  EARFUL_ASSIGN(Statement version, db.prepare("PRAGMA user_version"));
  EARFUL_ASSIGN(const bool there, version.step());
  const int64_t schema = there ? version.integer(0) : 0;
  version.reset();
  if (schema > kLibrarySchema) {
    return Error{"E_NEWER", "opening " + file.string() +
                                ": it was written by a newer version; update this one"};
  }
  if (schema < 1) EARFUL_TRY(db.execute(kVersion1));
  if (schema < 2) EARFUL_TRY(db.execute(kVersion2));
  return {};
}

}  // namespace

Result<void> settle_schema(Database& db, const std::filesystem::path& file) {
  EARFUL_TRY(db.begin());
  if (const auto up = bring_up(db, file); !up) {
    db.rollback();
    return up;
  }
  return db.commit();
}

}  // namespace earful::recorder
