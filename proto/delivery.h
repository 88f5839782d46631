// What a station and a collector's intake say to each other, as plain structs
// (proto/earful/v1/delivery.proto). Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/result.h"

namespace earful {

inline constexpr uint32_t kProtocolVersion = 1;
inline constexpr size_t kMaxEventsPerMessage = 1024;
inline constexpr size_t kMaxEventsMessageBytes = 512 * 1024;

using Chain = Digest;  // all zero before seq 1

// chain(seq) = generichash(chain(seq - 1) followed by generichash(raw)).
Chain next_chain(const Chain& previous, const Digest& raw_digest);

struct Hello {
  StationId station_id;
  JournalId journal_id;
  uint64_t attempt = 0;
  uint64_t first_seq = 0;
  uint64_t last_seq = 0;
  Chain chain_at_last{};
  Chain chain_before_first{};
  std::vector<uint32_t> versions;
};
struct SiteKey {
  uint32_t version = 0;
  std::string key;
  bool operator==(const SiteKey&) const = default;
};
struct Welcome {
  uint64_t attempt = 0;
  uint64_t session = 0;
  StoreId store_id;
  uint64_t store_epoch = 0;
  uint64_t have_seq = 0;
  Chain have_chain{};
  uint64_t safe_seq = 0;
  uint32_t credit = 0;
  uint32_t version = kProtocolVersion;
  std::vector<SiteKey> site_keys;
};
struct Events {
  uint64_t attempt = 0;
  uint64_t session = 0;
  uint64_t first_seq = 0;
  std::vector<std::string> raw;
};
struct Ack {
  uint64_t attempt = 0;
  uint64_t session = 0;
  uint64_t have_seq = 0;
  Chain have_chain{};
  uint64_t safe_seq = 0;
  uint32_t credit = 0;
};
struct Ping {
  uint64_t attempt = 0;
  uint64_t session = 0;
};
struct Pong {
  uint64_t attempt = 0;
  uint64_t session = 0;
  uint64_t have_seq = 0;
};
struct Fork {
  uint64_t attempt = 0;
  uint64_t session = 0;
  uint64_t have_seq = 0;
  Chain have_chain{};
};
struct Superseded {
  uint64_t attempt = 0;
};
struct HelloPlease {
  uint64_t attempt = 0;
  std::string reason;
};

using StationMessage = std::variant<Hello, Events, Ping>;
using CollectorMessage = std::variant<Welcome, Ack, Pong, Fork, Superseded, HelloPlease>;

std::string encode(const StationMessage& message);
std::string encode(const CollectorMessage& message);

// E_DECODE for what is no such message, or whose ids or chains have a wrong length.
Result<StationMessage> decode_station_message(std::string_view raw);
Result<CollectorMessage> decode_collector_message(std::string_view raw);

}  // namespace earful
