#include "collector/store/verify.h"

#include <array>

#include "base/hash.h"
#include "collector/store/judge.h"
#include "collector/store/schema.h"
#include "proto/delivery.h"

namespace earful::collector {
namespace {

class Verifier {
 public:
  static Result<Verifier> open(const std::filesystem::path& path) {
    std::error_code fault;
    if (!std::filesystem::exists(path, fault)) {
      return Error{"E_NO_STORE", "opening " + path.string() +
                                     ": there is no store; name the "
                                     "collector's folder with --data"};
    }
    Verifier verifier;
    EARFUL_ASSIGN(verifier.db_, Database::open(path, {.read_only = true}));
    // One snapshot for all queries, so that a collector may go on beside us.
    EARFUL_TRY(verifier.db_.execute("BEGIN"));
    EARFUL_ASSIGN(verifier.meta_, check_schema(verifier.db_));
    return verifier;
  }

  Result<Verification> verify() {
    out_.store_id = meta_.store_id;
    EARFUL_TRY(check_integrity());
    EARFUL_TRY(count_records());
    EARFUL_TRY(list_gaps());
    EARFUL_TRY(list_quarantine());
    EARFUL_TRY(check_journals());
    return std::move(out_);
  }

  Result<std::string> digest();

 private:
  Result<void> check_integrity();
  Result<void> count_records();
  Result<void> list_gaps();
  Result<void> list_quarantine();
  Result<void> check_journals();
  Result<void> check_journal(int64_t number, JournalReport& report, std::string_view have_chain);

  Database db_;
  StoreMeta meta_;
  Verification out_;
};

Result<void> Verifier::check_integrity() {
  EARFUL_ASSIGN(Statement query, db_.prepare("PRAGMA integrity_check(20)"));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return {};
    if (query.bytes(0) != "ok") out_.damage.push_back("the file: " + query.text(0));
  }
}

Result<void> Verifier::count_records() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT count(*), coalesce(max(feed_seq), 0), (SELECT count(*) FROM "
                            "events WHERE journal NOT IN (SELECT number FROM journals)) FROM "
                            "events"));
  EARFUL_ASSIGN(const bool row, query.step());
  EARFUL_CHECK(row);
  out_.records = uint64_t(query.integer(0));
  out_.head = {meta_.epoch, uint64_t(query.integer(1))};
  if (query.integer(2) != 0) {
    out_.damage.push_back(std::to_string(query.integer(2)) + " records belong to no journal");
  }
  return {};
}

Result<void> Verifier::list_gaps() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT station_id, journal_id, from_seq, to_seq FROM gaps JOIN "
                            "journals ON number=journal ORDER BY number, to_seq"));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return {};
    if (++out_.gap_count > kMaxListed) continue;
    out_.gaps.push_back({StationId::from_raw(query.bytes(0)).value_or(StationId{}),
                         JournalId::from_raw(query.bytes(1)).value_or(JournalId{}),
                         uint64_t(query.integer(2)), uint64_t(query.integer(3))});
  }
}

Result<void> Verifier::list_quarantine() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT feed_seq, station_id, seq, reason FROM events JOIN journals ON "
                            "number=journal WHERE reason IS NOT NULL ORDER BY feed_seq"));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return {};
    ++out_.quarantine_counts[query.text(3)];
    if (out_.quarantine.size() >= kMaxListed) continue;
    out_.quarantine.push_back({{meta_.epoch, uint64_t(query.integer(0))},
                               StationId::from_raw(query.bytes(1)).value_or(StationId{}),
                               uint64_t(query.integer(2)),
                               query.text(3)});
  }
}

Result<void> Verifier::check_journals() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT number, station_id, journal_id, have_seq, "
                                             "have_chain FROM journals ORDER BY number"));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return {};
    JournalReport report;
    report.station = StationId::from_raw(query.bytes(1)).value_or(StationId{});
    report.journal = JournalId::from_raw(query.bytes(2)).value_or(JournalId{});
    report.have_seq = uint64_t(query.integer(3));
    report.chain_kept = !query.is_null(4);
    EARFUL_TRY(check_journal(query.integer(0), report, query.bytes(4)));
    if (!report.whole) {
      out_.damage.push_back("journal " + report.journal.text() + " of station " +
                            report.station.text());
    }
    out_.journals.push_back(report);
  }
}

// One walk over the journal's rows in their order: records, repeats and gaps must follow each other
// without hole, and their digests must add up to the chain that was acknowledged.
Result<void> Verifier::check_journal(int64_t number, JournalReport& report,
                                     std::string_view have_chain) {
  EARFUL_ASSIGN(
      Statement rows,
      db_.prepare(
          "SELECT seq, 0, raw, digest, event_id, reason, 0 FROM events WHERE journal=?1 AND "
          "NOT EXISTS(SELECT 1 FROM gaps WHERE gaps.journal=?1 AND to_seq=seq) "
          "UNION ALL SELECT seq, 1, NULL, digest, NULL, NULL, 0 FROM repeats WHERE "
          "journal=?1 UNION ALL SELECT to_seq, 2, NULL, chain, NULL, NULL, from_seq FROM "
          "gaps WHERE journal=?1 ORDER BY 1"));
  rows.bind(1, number);
  Chain chain{};
  uint64_t expected = 1;
  const auto damaged = [&](uint64_t seq, const std::string& what) {
    report.whole = false;
    if (out_.damage.size() < kMaxListed) {
      out_.damage.push_back("journal " + report.journal.text() + " row " + std::to_string(seq) +
                            ": " + what);
    }
  };
  while (true) {
    EARFUL_ASSIGN(const bool row, rows.step());
    if (!row) break;
    const auto seq = uint64_t(rows.integer(0));
    const int64_t kind = rows.integer(1);
    const uint64_t first = kind == 2 ? uint64_t(rows.integer(6)) : seq;
    if (report.chain_kept && first != expected) {
      damaged(expected, "rows up to " + std::to_string(first) + " are missing or doubled");
    }
    Digest digest{};
    if (const auto kept = rows.bytes(3); kept.size() == digest.size()) {
      std::copy(kept.begin(), kept.end(), digest.begin());
    } else {
      digest = generichash(rows.bytes(2));
    }
    if (kind == 0) {
      ++report.records;
      // The id index is only as good as the ids in it.
      if (rows.is_null(5) &&
          judge(rows.bytes(2), report.station).event_id != EventId::from_raw(rows.bytes(4))) {
        damaged(seq, "its event id is not the one in its bytes");
      }
    }
    if (kind == 1) ++report.repeats;
    chain = kind == 2 ? Chain(digest) : next_chain(chain, digest);
    expected = seq + 1;
  }
  if (!report.chain_kept) return {};
  if (expected != report.have_seq + 1) {
    damaged(report.have_seq, "have_seq says so, the rows end at " + std::to_string(expected - 1));
  } else if (view(chain) != have_chain) {
    damaged(report.have_seq, "the chain differs from the one acknowledged");
  }
  return {};
}

Result<std::string> Verifier::digest() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT station_id, journal_id, seq, raw, reason FROM events JOIN "
                            "journals ON number=journal ORDER BY station_id, journal_id, seq"));
  Sha256 hash;
  // Lengths first, so that no two sets read the same.
  const auto add = [&](std::string_view bytes) {
    hash.add(std::to_string(bytes.size()) + ":");
    hash.add(bytes);
  };
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) break;
    add(query.bytes(0));
    add(query.bytes(1));
    add(std::to_string(query.integer(2)));
    add(query.bytes(3));
    add(query.bytes(4));
  }
  const Digest digest = hash.finish();
  return to_hex(std::span<const uint8_t>(digest));
}

}  // namespace

Result<Verification> verify_store(const std::filesystem::path& path) {
  EARFUL_ASSIGN(Verifier verifier, Verifier::open(path));
  return verifier.verify();
}

Result<std::string> store_digest(const std::filesystem::path& path) {
  EARFUL_ASSIGN(Verifier verifier, Verifier::open(path));
  return verifier.digest();
}

}  // namespace earful::collector
