// Who this station is and which collector it delivers to: DATA/identity.json, mode 0600.
// Written only as a whole (temporary file, sync, rename). Any thread may read the file.
//
// {"station_id", "public_key", "secret_key", "site_keys":[{"version","key"}],
//  "collector":{"host","intake_port","feed_port","desk_port","server_public_key"}}
//
// Errors: E_MODE others may read the file, E_OWNER it belongs to somebody else, E_LINK it is a
// symbolic link (each says the command that mends it); E_IDENTITY it cannot be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/socket.h"
#include "proto/delivery.h"

namespace earful::agent {

struct CollectorAddress {
  std::string host;
  uint16_t intake_port = 0;
  uint16_t feed_port = 0;
  uint16_t desk_port = 0;
  std::string server_public_key;

  std::string endpoint(uint16_t port) const { return "tcp://" + host + ":" + std::to_string(port); }
  bool operator==(const CollectorAddress&) const = default;
};

struct Identity {
  StationId station_id;
  CurveKeys keys;
  std::optional<CollectorAddress> collector;  // nothing until the station has joined one
  std::vector<SiteKey> site_keys;
};

std::filesystem::path identity_path(const std::filesystem::path& data_dir);

// Makes and writes a new one where there is none.
Result<Identity> load_identity(const std::filesystem::path& data_dir);
Result<void> save_identity(const std::filesystem::path& data_dir, const Identity& identity);

// Uses up an invite: enrols this station's key at the collector and remembers its address.
// E_INVITE the line is not one; E_REFUSED the collector's answer; E_AWAY no answer in 10 s.
Result<Identity> join_collector(const std::filesystem::path& data_dir, std::string_view invite,
                                const std::string& name);

}  // namespace earful::agent
