// Identities: 16 bytes each, a type of its own for each thing, so that one is never taken for
// another. RFC 9562: version 7 (time-ordered) for what happens, version 8 for what content names,
// version 4 elsewhere. Text is the canonical 8-4-4-4-12 form.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace earful {

using UuidBytes = std::array<uint8_t, 16>;

UuidBytes make_uuid_v4();
// Ordered within one process even inside a millisecond (RFC 9562, 6.2, method 1).
UuidBytes make_uuid_v7(WallTime now);
// The first 16 bytes of a digest, with version and variant set.
UuidBytes make_uuid_v8(std::string_view digest);

std::string uuid_text(const UuidBytes& bytes);
std::optional<UuidBytes> parse_uuid(std::string_view text);

template <class Tag>
struct Id {
  UuidBytes bytes{};

  auto operator<=>(const Id&) const = default;
  bool is_zero() const { return bytes == UuidBytes{}; }
  std::string text() const { return uuid_text(bytes); }
  std::string_view raw() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  static std::optional<Id> parse(std::string_view text) {
    const auto parsed = parse_uuid(text);
    if (!parsed) return std::nullopt;
    return Id{*parsed};
  }
  // From 16 raw bytes; nothing for any other length.
  static std::optional<Id> from_raw(std::string_view raw) {
    if (raw.size() != 16) return std::nullopt;
    Id id;
    for (size_t i = 0; i < 16; ++i) id.bytes[i] = uint8_t(raw[i]);
    return id;
  }
};

using EventId = Id<struct EventIdTag>;
using CallId = Id<struct CallIdTag>;
using ListenerId = Id<struct ListenerIdTag>;
using StationId = Id<struct StationIdTag>;
using JournalId = Id<struct JournalIdTag>;
using StoreId = Id<struct StoreIdTag>;

}  // namespace earful

template <class Tag>
struct std::hash<earful::Id<Tag>> {
  size_t operator()(const earful::Id<Tag>& id) const noexcept {
    return std::hash<std::string_view>()(id.raw());
  }
};
