#include "collector/store/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "collector/setup/secret_file.h"
#include "collector/store/schema.h"

namespace earful::collector {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kMaxManifestBytes = 16u << 20;  // a line per journal: years of them

Json read_json(const fs::path& path) {
  std::error_code fault;
  if (fs::file_size(path, fault) > kMaxManifestBytes || fault) return Json();
  std::ifstream in(path);
  return Json::parse(in, nullptr, false);
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

uint64_t number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

Result<std::string> sha256_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Sha256 hash;
  std::string piece(1 << 20, '\0');
  while (in.read(piece.data(), std::streamsize(piece.size())) || in.gcount() > 0) {
    hash.add(std::string_view(piece).substr(0, size_t(in.gcount())));
  }
  if (!in.eof()) return Error{"E_FILE", "reading " + path.string() + ": it cannot be read"};
  const Digest digest = hash.finish();
  return to_hex(std::span<const uint8_t>(digest));
}

void sync_file(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

Result<Json> journals_of(Database& db) {
  Json journals = Json::array();
  EARFUL_ASSIGN(Statement query, db.prepare("SELECT station_id, journal_id, have_seq FROM journals "
                                            "WHERE have_chain IS NOT NULL"));
  while (true) {
    EARFUL_ASSIGN(const bool row, query.step());
    if (!row) return journals;
    journals.push_back({{"station_id", to_hex(query.bytes(0))},
                        {"journal_id", to_hex(query.bytes(1))},
                        {"have_seq", uint64_t(query.integer(2))}});
  }
}

Result<void> list_backup(const DataFolder& folder, const fs::path& target) {
  Json list = read_json(folder.backups());
  if (!list.is_array()) list = Json::array();
  const std::string name = fs::absolute(target).string();
  Json kept = Json::array();
  for (const Json& entry : list) {
    std::error_code fault;
    if (!entry.is_string() || entry == name) continue;
    if (fs::exists(fs::path(entry.get<std::string>()) / "manifest.json", fault)) {
      kept.push_back(entry);
    }
  }
  kept.push_back(name);
  return write_secret_file(folder.backups(), kept.dump(2) + "\n", true);
}

}  // namespace

Result<BackupDone> back_up(const DataFolder& folder, const fs::path& target) {
  std::error_code fault;
  if (fs::exists(target, fault) &&
      (!fs::is_directory(target, fault) || !fs::is_empty(target, fault))) {
    return Error{"E_EXISTS", "backing up to " + target.string() +
                                 ": there is something already; name an empty or new folder"};
  }
  fs::create_directories(target, fault);
  if (fault) return Error{"E_FILE", "making " + target.string() + ": " + fault.message()};
  fs::permissions(target, fs::perms::owner_all, fault);

  const fs::path copy = target / "store.db";
  {
    EARFUL_ASSIGN(Database source, Database::open(folder.store(), {.read_only = true}));
    EARFUL_ASSIGN(const StoreMeta checked, check_schema(source));
    (void)checked;
    EARFUL_ASSIGN(Statement vacuum, source.prepare("VACUUM INTO ?1"));
    EARFUL_TRY(vacuum.bind_text(1, copy.string()).run());
  }
  fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, fault);
  sync_file(copy);

  Json journals;
  StoreMeta meta;
  BackupDone done;
  {
    EARFUL_ASSIGN(Database db, Database::open(copy, {.read_only = true}));
    EARFUL_ASSIGN(meta, check_schema(db));
    EARFUL_ASSIGN(journals, journals_of(db));
    EARFUL_ASSIGN(Statement head, db.prepare("SELECT coalesce(max(feed_seq), 0) FROM events"));
    EARFUL_ASSIGN(const bool row, head.step());
    EARFUL_CHECK(row);
    done.head = {meta.epoch, uint64_t(head.integer(0))};
  }
  done.bytes = fs::file_size(copy, fault);
  EARFUL_ASSIGN(const std::string sha256, sha256_of(copy));
  const Json manifest{{"format", kStoreFormat},
                      {"store_id", meta.store_id.text()},
                      {"store_epoch", meta.epoch},
                      {"feed_seq", done.head.feed_seq},
                      {"taken_at", format_rfc3339(wall_now())},
                      {"bytes", done.bytes},
                      {"sha256", sha256},
                      {"journals", journals}};
  // Last, so that a folder with a manifest is a whole backup.
  EARFUL_TRY(write_secret_file(target / "manifest.json", manifest.dump(2) + "\n", false));
  sync_file(target);
  EARFUL_TRY(list_backup(folder, target));
  return done;
}

Result<BackupDone> restore(const DataFolder& folder, const fs::path& source, bool force) {
  EARFUL_ASSIGN(const FolderLock lock, folder.take());
  const std::string name = source.string();
  std::error_code fault;
  const Json manifest = read_json(source / "manifest.json");
  if (!manifest.is_object() || text_at(manifest, "sha256").empty() ||
      number_at(manifest, "format") == 0) {
    return Error{"E_BACKUP_MANIFEST", "restoring " + name +
                                          ": its manifest.json is missing or "
                                          "unreadable; use another backup"};
  }
  if (number_at(manifest, "format") > uint64_t(kStoreFormat)) {
    return Error{"E_VERSION", "restoring " + name + ": it was made by a newer program; use that"};
  }
  if (fs::exists(source / "keys.db", fault) || fs::exists(source / "board.token", fault)) {
    return Error{"E_BACKUP_KEYS", "restoring " + name +
                                      ": it contains keys, which no backup of "
                                      "ours does; move them away first"};
  }
  const fs::path copy = source / "store.db";
  const uint64_t bytes = fs::file_size(copy, fault);
  if (fault || bytes != number_at(manifest, "bytes")) {
    return Error{"E_BACKUP_TRUNCATED", "restoring " + name +
                                           ": store.db has not the size its "
                                           "manifest says; use another backup"};
  }
  EARFUL_ASSIGN(const std::string sha256, sha256_of(copy));
  if (sha256 != text_at(manifest, "sha256")) {
    return Error{"E_BACKUP_TRUNCATED", "restoring " + name +
                                           ": store.db is not the one its "
                                           "manifest describes; use another backup"};
  }
  uint64_t old_epoch = number_at(manifest, "store_epoch");
  if (fs::exists(folder.store(), fault)) {
    // Closing it writes its log back, so that it stays whole until the rename replaces it.
    auto current = Database::open(folder.store(), {});
    const auto meta = current.ok() ? check_schema(*current) : Result<StoreMeta>(current.error());
    // A store that cannot be read is what restoring is for.
    if (meta.ok() && meta->store_id.text() != text_at(manifest, "store_id") && !force) {
      return Error{"E_BACKUP_STORE", "restoring " + name +
                                         ": it is a backup of another store; add "
                                         "--force to replace this one by it"};
    }
    if (meta.ok()) old_epoch = meta->epoch;
  }
  const fs::path draft = folder.store().string() + ".restoring";
  for (const char* ending : {"", "-wal", "-shm"}) fs::remove(draft.string() + ending, fault);
  fs::copy_file(copy, draft, fault);
  if (fault) return Error{"E_FILE", "restoring " + name + ": " + fault.message()};
  fs::permissions(draft, fs::perms::owner_read | fs::perms::owner_write, fault);
  BackupDone done{{make_epoch(old_epoch), number_at(manifest, "feed_seq")}, bytes};
  {
    EARFUL_ASSIGN(Database db, Database::open(draft, {}));
    EARFUL_ASSIGN(const StoreMeta checked, check_schema(db));
    (void)checked;
    EARFUL_ASSIGN(Statement update, db.prepare("UPDATE meta SET value=?1 WHERE key='store_epoch'"));
    EARFUL_TRY(update.bind(1, int64_t(done.head.store_epoch)).run());
  }
  // The connection is closed: its log is written back, the draft is one file.
  sync_file(draft);
  for (const char* ending : {"-wal", "-shm"}) fs::remove(folder.store().string() + ending, fault);
  fs::rename(draft, folder.store(), fault);
  if (fault) return Error{"E_FILE", "restoring " + name + ": " + fault.message()};
  sync_file(folder.root);
  return done;
}

std::map<JournalKey, uint64_t> safe_seqs_of_backups(const DataFolder& folder) {
  std::map<JournalKey, uint64_t> safe;
  const Json list = read_json(folder.backups());
  if (!list.is_array()) return safe;
  bool first = true;
  for (const Json& entry : list) {
    if (!entry.is_string()) continue;
    const Json manifest = read_json(fs::path(entry.get<std::string>()) / "manifest.json");
    if (!manifest.is_object() || !manifest.contains("journals")) continue;  // no longer kept
    std::map<JournalKey, uint64_t> held;
    for (const Json& journal : manifest["journals"]) {
      const auto station =
          StationId::from_raw(from_hex(text_at(journal, "station_id")).value_or(""));
      const auto id = JournalId::from_raw(from_hex(text_at(journal, "journal_id")).value_or(""));
      if (station && id) held[{*station, *id}] = number_at(journal, "have_seq");
    }
    if (first) {
      safe = std::move(held);
      first = false;
      continue;
    }
    for (auto& [key, seq] : safe) {
      const auto other = held.find(key);
      seq = other == held.end() ? 0 : std::min(seq, other->second);
    }
  }
  return safe;
}

}  // namespace earful::collector
