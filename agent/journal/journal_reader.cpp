#include "agent/journal/journal_reader.h"

#include "base/hash.h"
#include "proto/event.h"

namespace earful::agent {
namespace {

// Its chain was made of what stood there before, and the next row's is made of that.
bool was_erased(std::string_view raw) {
  const auto event = decode_event(raw);
  return event.ok() && event->erased;
}

}  // namespace

Result<JournalReader> JournalReader::open(const std::filesystem::path& data_dir) {
  EARFUL_ASSIGN(Database db, Database::open(data_dir / kJournalFileName, {.read_only = true}));
  EARFUL_TRY(refuse_newer_journal(db, data_dir));
  return JournalReader(std::move(db));
}

Result<std::vector<JournalRow>> JournalReader::rows(int64_t journal, uint64_t from, size_t max_rows,
                                                    size_t max_bytes) {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT seq, event_id, raw, chain FROM entries "
                            "WHERE journal = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3"));
  query.bind(1, journal).bind(2, int64_t(from)).bind(3, int64_t(max_rows));
  std::vector<JournalRow> rows;
  size_t bytes = 0;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return rows;
    JournalRow row = JournalRow::from(query);
    bytes += row.raw.size();
    if (!rows.empty() && bytes > max_bytes) return rows;
    rows.push_back(std::move(row));
  }
}

Result<std::optional<Chain>> JournalReader::chain_at(int64_t journal, uint64_t seq) {
  if (seq == 0) return std::optional<Chain>(Chain{});
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT chain FROM entries WHERE journal = ?1 AND seq = ?2"));
  query.bind(1, journal).bind(2, int64_t(seq));
  EARFUL_ASSIGN(const bool found, query.step());
  if (!found) return std::optional<Chain>();
  return std::optional<Chain>(chain_from(query.bytes(0)));
}

Result<std::vector<int64_t>> JournalReader::journals() {
  EARFUL_ASSIGN(Statement query, db_.prepare("SELECT number FROM journals ORDER BY number"));
  std::vector<int64_t> numbers;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return numbers;
    numbers.push_back(query.integer(0));
  }
}

Result<void> JournalReader::verify() {
  EARFUL_ASSIGN(Statement query,
                db_.prepare("SELECT seq, event_id, raw, chain, journal FROM entries "
                            "ORDER BY journal, seq"));
  int64_t number = -1;
  Chain chain{};
  uint64_t expected = 0;
  for (;;) {
    EARFUL_ASSIGN(const bool more, query.step());
    if (!more) return {};
    const JournalRow row = JournalRow::from(query);
    if (query.integer(4) == number) {
      chain = next_chain(chain, generichash(row.raw));
      const bool same = row.chain == chain || was_erased(row.raw);
      if (row.seq != expected || !same) {
        return Error{"E_CHAIN", "checking the journal: row " + std::to_string(row.seq) +
                                    " of journal " + std::to_string(number) +
                                    " is not what was written; restore this folder from a backup"};
      }
    }
    number = query.integer(4);
    chain = row.chain;
    expected = row.seq + 1;
  }
}

}  // namespace earful::agent
