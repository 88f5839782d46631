// The folder that holds all state of one collector, and the names of the files in it:
//
//   store.db        the records (SQLite)            keys.db      who may speak (SQLite, 0600, never
//   endpoints.json  where the sockets really are                 part of a backup)
//   board.token     what HTTP asks for (0600)       backups.json which backups are kept
//   witness.json    how far the store ever was      upstream.json what a follower follows (0600)
//   customers.db    whose calls are in the store (SQLite): a cache, made again when it is deleted
//   lock            held by the process that serves
//
// Errors: E_FOLDER it cannot be made or used; E_LOCKED another process serves from it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/folder_lock.h"
#include "base/result.h"

namespace earful::collector {

struct DataFolder {
  std::filesystem::path root;

  std::filesystem::path store() const { return root / "store.db"; }
  std::filesystem::path customers() const { return root / "customers.db"; }
  std::filesystem::path keys() const { return root / "keys.db"; }
  std::filesystem::path endpoints() const { return root / "endpoints.json"; }
  std::filesystem::path token() const { return root / "board.token"; }
  std::filesystem::path backups() const { return root / "backups.json"; }
  std::filesystem::path witness() const { return root / "witness.json"; }
  std::filesystem::path upstream() const { return root / "upstream.json"; }
  std::filesystem::path lock() const { return root / "lock"; }

  // $XDG_STATE_HOME/earful/collector, /var/lib/earful/collector for who may use it, or
  // ~/.local/state/earful/collector.
  static std::filesystem::path default_root();
  // Makes the folder (0700) where it is missing.
  static Result<DataFolder> open(const std::filesystem::path& root);
  // E_FOLDER where there is none: for commands that only read.
  static Result<DataFolder> existing(const std::filesystem::path& root);
  // E_LOCKED where another process serves from it or restores into it.
  Result<FolderLock> take() const { return FolderLock::take(lock(), "earful-collector"); }
};

// Where a running collector really listens. Whole or not at all.
struct Endpoints {
  std::string intake;
  std::string feed;
  std::string desk;
  int http_port = 0;
};
Result<void> write_endpoints(const DataFolder& folder, const Endpoints& endpoints);
std::optional<Endpoints> read_endpoints(const DataFolder& folder);

}  // namespace earful::collector
