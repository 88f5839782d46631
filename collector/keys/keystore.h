// Who may speak with this collector, in DATA/keys.db: the server's own key pair, the site keys, and
// one row for each key that was invited, admitted or enrolled. Its own file (0600), never part of a
// backup.
//
// One Keystore (one connection) per thread; changes made by another one or by a command are seen at
// the next refresh(). A name means one living key; revoking it leaves the row as a record.
//
// Errors: E_SECRET_FILE (secret_file.h), E_NAME a name that is taken or cannot be, E_KEY a
// malformed key, E_USED an enrolment key used before by another newcomer, E_STATION a station id
// bound to another key, E_UNKNOWN nobody of that name, and those of base/sqlite.h.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/socket.h"
#include "base/sqlite.h"
#include "proto/delivery.h"

namespace earful::collector {

enum class Role { kStation, kReader, kEnroll };
std::string_view role_text(Role role);

inline constexpr auto kInviteLife = std::chrono::days(7);
inline constexpr size_t kMaxNameBytes = 64;  // for a person to read in a list

struct Identity {
  std::string public_key;  // Z85
  std::string name;
  Role role = Role::kReader;
  Role grants = Role::kReader;  // of an enrolment key: what it turns a newcomer into
  std::optional<StationId> station_id;
  std::optional<WallTime> expires;
};

class Keystore {
 public:
  // Makes the file with fresh keys where there is none.
  static Result<Keystore> open(const std::filesystem::path& path);

  const CurveKeys& server_keys() const { return server_keys_; }
  const std::vector<SiteKey>& site_keys() const { return site_keys_; }

  // The living identity of a key: not revoked, not expired at `now`. Cached until refresh().
  Result<std::optional<Identity>> find(const std::string& public_key, WallTime now);
  // Forgets what it remembers if anybody changed the file. Cheap enough for every message.
  Result<void> refresh();
  // Grows with every revoked key.
  Result<int64_t> revocations();

  // A one-use enrolment key pair; the secret half is not kept.
  Result<CurveKeys> invite(const std::string& name, Role grants, WallTime now);
  Result<void> admit(const std::string& name, const std::string& public_key, Role role,
                     WallTime now);
  // Ends every living key of that name, unused invitations too.
  Result<void> revoke(const std::string& name, WallTime now);
  // What an Enroll asks. The same newcomer may ask again.
  Result<Role> enroll(const Identity& invitation, const std::string& public_key,
                      const std::optional<StationId>& station_id, WallTime now);
  // The first Hello of a station admitted without its id.
  Result<void> bind_station(const std::string& public_key, const StationId& station_id);

 private:
  Result<void> make_or_check_schema();
  Result<void> load_keys();
  Result<void> check_free(const std::string& name);
  Result<void> insert(const Identity& identity, WallTime now);

  Database db_;
  Statement data_version_;
  Statement find_;
  int64_t seen_version_ = 0;
  CurveKeys server_keys_;
  std::vector<SiteKey> site_keys_;
  std::unordered_map<std::string, std::optional<Identity>> cache_;
};

}  // namespace earful::collector
