#include "collector/keys/keystore.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "collector/setup/secret_file.h"

namespace earful::collector {
namespace {

constexpr int64_t kKeysFormat = 1;
// Strangers knock with keys nobody knows; the cache must not grow with them.
constexpr size_t kMaxCached = 10000;

constexpr const char* kSchema = R"(
CREATE TABLE server(
  format INTEGER NOT NULL, public_key TEXT NOT NULL, secret_key TEXT NOT NULL);
CREATE TABLE site_keys(version INTEGER PRIMARY KEY, key BLOB NOT NULL, created INTEGER NOT NULL);
CREATE TABLE identities(
  public_key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  grants TEXT,                -- of an enrolment key
  station_id BLOB,            -- of a station: the one id it may speak for
  created INTEGER NOT NULL,   -- ms since 1970, as all times here
  expires INTEGER,
  used_by TEXT,               -- of an enrolment key: whom it let in
  revoked INTEGER) WITHOUT ROWID;
CREATE UNIQUE INDEX living_stations ON identities(station_id)
  WHERE revoked IS NULL AND station_id IS NOT NULL;
CREATE INDEX identity_names ON identities(name);
)";

Role role_of(std::string_view text) {
  if (text == "station") return Role::kStation;
  if (text == "enroll") return Role::kEnroll;
  return Role::kReader;
}

int64_t millis(WallTime time) { return time.time_since_epoch().count(); }

}  // namespace

std::string_view role_text(Role role) {
  switch (role) {
    case Role::kStation:
      return "station";
    case Role::kReader:
      return "reader";
    case Role::kEnroll:
      return "enroll";
  }
  EARFUL_CHECK(false);
}

Result<Keystore> Keystore::open(const std::filesystem::path& path) {
  EARFUL_TRY(check_secret_file(path));
  Keystore keys;
  EARFUL_ASSIGN(keys.db_, Database::open(path, {.cache_kib = 200}));
  EARFUL_TRY(keys.make_or_check_schema());
  EARFUL_TRY(keys.load_keys());
  EARFUL_ASSIGN(keys.data_version_, keys.db_.prepare("PRAGMA data_version"));
  EARFUL_ASSIGN(keys.find_, keys.db_.prepare("SELECT name, role, grants, station_id, expires FROM "
                                             "identities WHERE public_key=?1 AND revoked IS NULL"));
  return keys;
}

Result<void> Keystore::make_or_check_schema() {
  EARFUL_TRY(db_.begin());
  EARFUL_ASSIGN(Statement exists,
                db_.prepare("SELECT 1 FROM sqlite_master WHERE name='identities'"));
  EARFUL_ASSIGN(const bool there, exists.step());
  exists.reset();
  if (!there) {
    EARFUL_TRY(db_.execute(kSchema));
    const CurveKeys pair = make_curve_keys();
    EARFUL_ASSIGN(Statement server, db_.prepare("INSERT INTO server VALUES(?1, ?2, ?3)"));
    EARFUL_TRY(server.bind(1, kKeysFormat)
                   .bind_text(2, pair.public_key)
                   .bind_text(3, pair.secret_key)
                   .run());
    std::array<uint8_t, 32> site_key;
    fill_random(site_key);
    EARFUL_ASSIGN(Statement site, db_.prepare("INSERT INTO site_keys VALUES(1, ?1, ?2)"));
    EARFUL_TRY(site.bind_blob(1, view(site_key)).bind(2, millis(wall_now())).run());
  }
  return db_.commit();
}

Result<void> Keystore::load_keys() {
  EARFUL_ASSIGN(Statement server, db_.prepare("SELECT format, public_key, secret_key FROM server"));
  EARFUL_ASSIGN(const bool there, server.step());
  if (!there || server.integer(0) > kKeysFormat) {
    return Error{"E_VERSION", "opening keys.db: made by a newer version; use that one"};
  }
  server_keys_ = {server.text(1), server.text(2)};
  EARFUL_ASSIGN(Statement site, db_.prepare("SELECT version, key FROM site_keys ORDER BY version"));
  while (true) {
    EARFUL_ASSIGN(const bool row, site.step());
    if (!row) return {};
    site_keys_.push_back({uint32_t(site.integer(0)), site.text(1)});
  }
}

Result<std::optional<Identity>> Keystore::find(const std::string& public_key, WallTime now) {
  auto cached = cache_.find(public_key);
  if (cached == cache_.end()) {
    std::optional<Identity> found;
    find_.bind_text(1, public_key);
    EARFUL_ASSIGN(const bool row, find_.step());
    if (row) {
      found = Identity{public_key,
                       find_.text(0),
                       role_of(find_.bytes(1)),
                       role_of(find_.bytes(2)),
                       StationId::from_raw(find_.bytes(3)),
                       std::nullopt};
      if (!find_.is_null(4)) found->expires = WallTime(std::chrono::milliseconds(find_.integer(4)));
      find_.reset();
    }
    if (cache_.size() >= kMaxCached) cache_.clear();
    cached = cache_.emplace(public_key, std::move(found)).first;
  }
  if (cached->second && cached->second->expires && *cached->second->expires <= now) {
    return std::optional<Identity>();
  }
  return cached->second;
}

Result<void> Keystore::refresh() {
  EARFUL_ASSIGN(const bool row, data_version_.step());
  EARFUL_CHECK(row);
  const int64_t version = data_version_.integer(0);
  data_version_.reset();
  if (version != seen_version_) cache_.clear();
  seen_version_ = version;
  return {};
}

Result<int64_t> Keystore::revocations() {
  EARFUL_ASSIGN(Statement count,
                db_.prepare("SELECT count(*) FROM identities WHERE revoked IS NOT NULL"));
  EARFUL_ASSIGN(const bool row, count.step());
  EARFUL_CHECK(row);
  return count.integer(0);
}

Result<void> Keystore::check_free(const std::string& name) {
  const bool plain =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  if (name.empty() || name.size() > kMaxNameBytes || !plain) {
    return Error{"E_NAME", "naming a key: a name is 1 to 64 bytes of text; choose another"};
  }
  EARFUL_ASSIGN(Statement taken,
                db_.prepare("SELECT 1 FROM identities WHERE name=?1 AND revoked IS "
                            "NULL AND role<>'enroll'"));
  EARFUL_ASSIGN(const bool row, taken.bind_text(1, name).step());
  if (row) {
    return Error{"E_NAME", "naming a key: " + name +
                               " is let in already; revoke it first or choose another name"};
  }
  return {};
}

Result<void> Keystore::insert(const Identity& identity, WallTime now) {
  EARFUL_ASSIGN(Statement insert,
                db_.prepare("INSERT INTO identities(public_key, name, role, grants, station_id, "
                            "created, expires) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  insert.bind_text(1, identity.public_key).bind_text(2, identity.name);
  insert.bind_text(3, role_text(identity.role)).bind(6, millis(now));
  if (identity.role == Role::kEnroll) insert.bind_text(4, role_text(identity.grants));
  if (identity.station_id) insert.bind_blob(5, identity.station_id->raw());
  if (identity.expires) insert.bind(7, millis(*identity.expires));
  cache_.clear();
  return insert.run();
}

Result<CurveKeys> Keystore::invite(const std::string& name, Role grants, WallTime now) {
  EARFUL_TRY(check_free(name));
  CurveKeys pair = make_curve_keys();
  Identity identity{pair.public_key, name, Role::kEnroll, grants, std::nullopt, now + kInviteLife};
  EARFUL_TRY(insert(identity, now));
  return pair;
}

Result<void> Keystore::admit(const std::string& name, const std::string& public_key, Role role,
                             WallTime now) {
  if (const std::string fault = curve_key_fault(public_key); !fault.empty()) {
    return Error{"E_KEY", "admitting " + name + ": " + fault +
                              "; copy the line \"public key\" that the newcomer prints"};
  }
  // A secret key looks like any other; only those whose public half is known can be told.
  const std::string half = curve_public_of(public_key).value_or("");
  if (public_key == server_keys_.public_key || half == server_keys_.public_key) {
    return Error{"E_KEY", "admitting " + name +
                              ": this is the collector's own key; the newcomer's "
                              "public key is needed"};
  }
  EARFUL_ASSIGN(Statement secret_of, db_.prepare("SELECT 1 FROM identities WHERE public_key=?1"));
  EARFUL_ASSIGN(const bool is_secret, secret_of.bind_text(1, half).step());
  if (is_secret) {
    return Error{"E_KEY", "admitting " + name +
                              ": this is a secret key; it was shown to you by mistake: let its "
                              "owner make another pair, and give the public half"};
  }
  EARFUL_TRY(db_.begin());
  auto admitted = [&]() -> Result<void> {
    EARFUL_ASSIGN(Statement known, db_.prepare("SELECT name, role, revoked FROM identities WHERE "
                                               "public_key=?1"));
    EARFUL_ASSIGN(const bool row, known.bind_text(1, public_key).step());
    if (row) {
      if (known.is_null(2) && known.text(0) == name && role_of(known.bytes(1)) == role) return {};
      return Error{"E_KEY", "admitting " + name + ": this key is on record as " + known.text(0) +
                                (known.is_null(2) ? "" : ", revoked") +
                                "; let the newcomer make another"};
    }
    EARFUL_TRY(check_free(name));
    return insert({public_key, name, role, Role::kReader, std::nullopt, std::nullopt}, now);
  }();
  if (!admitted.ok()) {
    db_.rollback();
    return admitted;
  }
  return db_.commit();
}

Result<void> Keystore::revoke(const std::string& name, WallTime now) {
  EARFUL_ASSIGN(Statement end,
                db_.prepare("UPDATE identities SET revoked=?2 WHERE name=?1 AND revoked IS NULL"));
  EARFUL_TRY(end.bind_text(1, name).bind(2, millis(now)).run());
  cache_.clear();
  if (db_.changes() > 0) return {};
  return Error{"E_UNKNOWN",
               "revoking " + name + ": nobody of that name is let in; look at the name once more"};
}

Result<Role> Keystore::enroll(const Identity& invitation, const std::string& public_key,
                              const std::optional<StationId>& station_id, WallTime now) {
  EARFUL_CHECK(invitation.role == Role::kEnroll);
  if (const std::string fault = curve_key_fault(public_key); !fault.empty()) {
    return Error{"E_KEY", "enrolling " + invitation.name + ": " + fault};
  }
  EARFUL_TRY(db_.begin());
  auto enrolled = [&]() -> Result<void> {
    EARFUL_ASSIGN(Statement used, db_.prepare("SELECT used_by FROM identities WHERE public_key=?1 "
                                              "AND revoked IS NULL"));
    EARFUL_ASSIGN(const bool row, used.bind_text(1, invitation.public_key).step());
    if (!row) return Error{"E_USED", "enrolling: this invitation was revoked; ask for another"};
    if (!used.is_null(0)) {
      if (used.bytes(0) == public_key) return {};
      return Error{"E_USED", "enrolling " + invitation.name +
                                 ": this invitation was used already; ask for another"};
    }
    used.reset();
    EARFUL_ASSIGN(Statement known, db_.prepare("SELECT 1 FROM identities WHERE public_key=?1"));
    EARFUL_ASSIGN(const bool taken, known.bind_text(1, public_key).step());
    if (taken) return Error{"E_KEY", "enrolling: this key is on record already; make another"};
    if (station_id) {
      EARFUL_ASSIGN(Statement bound, db_.prepare("SELECT name FROM identities WHERE station_id=?1 "
                                                 "AND revoked IS NULL"));
      EARFUL_ASSIGN(const bool other, bound.bind_blob(1, station_id->raw()).step());
      if (other) {
        return Error{"E_STATION", "enrolling: this station id belongs to the key of " +
                                      bound.text(0) + "; revoke that one first"};
      }
    }
    EARFUL_TRY(check_free(invitation.name));
    EARFUL_TRY(
        insert({public_key, invitation.name, invitation.grants, Role::kReader,
                invitation.grants == Role::kStation ? station_id : std::nullopt, std::nullopt},
               now));
    EARFUL_ASSIGN(Statement use,
                  db_.prepare("UPDATE identities SET used_by=?2 WHERE public_key=?1"));
    return use.bind_text(1, invitation.public_key).bind_text(2, public_key).run();
  }();
  if (!enrolled.ok()) {
    db_.rollback();
    return enrolled.error();
  }
  EARFUL_TRY(db_.commit());
  return invitation.grants;
}

Result<void> Keystore::bind_station(const std::string& public_key, const StationId& station_id) {
  EARFUL_ASSIGN(Statement bound,
                db_.prepare("SELECT public_key FROM identities WHERE station_id=?1 "
                            "AND revoked IS NULL"));
  EARFUL_ASSIGN(const bool row, bound.bind_blob(1, station_id.raw()).step());
  if (row && bound.bytes(0) != public_key) {
    return Error{"E_STATION", "binding a station: its id belongs to another key"};
  }
  bound.reset();
  EARFUL_ASSIGN(Statement bind,
                db_.prepare("UPDATE identities SET station_id=?2 WHERE public_key=?1 AND role="
                            "'station' AND (station_id IS NULL OR station_id=?2)"));
  EARFUL_TRY(bind.bind_text(1, public_key).bind_blob(2, station_id.raw()).run());
  cache_.clear();
  if (db_.changes() == 1) return {};
  return Error{"E_STATION", "binding a station: this key belongs to another station id"};
}

}  // namespace earful::collector
