// How the fields of an event are read, each with its rule. Included only by the .cpp files of
// proto/.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "proto/position.h"
#include "proto/wire.h"

namespace earful::fields {

// Collects the first broken rule, so that reading a payload stays one expression a field.
struct Faults {
  std::optional<Error> first;
  void add(const char* code, const std::string& what) {
    if (!first) first = Error{code, "reading an event: " + what};
  }
};

template <class IdType>
IdType id_of(const std::string& raw, const char* field, Faults& faults) {
  const auto id = IdType::from_raw(raw);
  if (!id || id->is_zero()) faults.add("E_ID", std::string(field) + " is not an id");
  return id.value_or(IdType{});
}

template <class IdType>
std::optional<IdType> optional_id(const std::string& raw, const char* field, Faults& faults) {
  if (raw.empty()) return std::nullopt;
  return id_of<IdType>(raw, field, faults);
}

inline const std::string& text_of(const std::string& text, const char* field, Faults& faults,
                                  size_t limit = kMaxTextBytes) {
  if (text.size() > limit) {
    faults.add("E_VALUE", std::string(field) + " is over " + std::to_string(limit) + " bytes");
  }
  return text;
}

inline std::string name_of(const std::string& text, const char* field, Faults& faults) {
  if (text.empty()) faults.add("E_VALUE", std::string(field) + " is empty");
  return text_of(text, field, faults);
}

// A hundred days of audio: past any call, far from overflow.
constexpr Position kMaxPosition = kPositionsPerSecond * 86400 * 100;

inline Position position_of(int64_t value, const char* field, Faults& faults) {
  if (value < 0 || value > kMaxPosition) {
    faults.add("E_VALUE",
               std::string(field) + " is " + std::to_string(value) + ", outside 0 to 100 days");
  }
  return value;
}

inline double rate_of(double value, Faults& faults) {
  if (!std::isfinite(value) || value < 0 || value > 16) {
    faults.add("E_VALUE", "playback_rate is outside 0 to 16");
    return 1;
  }
  return value;
}

inline WallTime time_of(const google::protobuf::Timestamp& from, const char* field,
                        Faults& faults) {
  using namespace std::chrono;
  constexpr int64_t kFirst = sys_days(year(2000) / 1 / 1).time_since_epoch() / seconds(1);
  constexpr int64_t kLast = sys_days(year(2100) / 1 / 1).time_since_epoch() / seconds(1);
  if (from.seconds() < kFirst || from.seconds() >= kLast || from.nanos() < 0 ||
      from.nanos() > 999999999) {
    faults.add("E_VALUE", std::string(field) + " is outside the years 2000 to 2099");
    return {};
  }
  return wire::get_time(from);
}

template <class Enum>
Enum enum_of(int value, int last) {
  return value > 0 && value <= last ? Enum(value) : Enum(0);
}

// A day of the calendar, "2026-11-22".
inline const std::string& day_of(const std::string& text, const char* field, Faults& faults) {
  if (text.size() != 10 || !parse_rfc3339(text + "T00:00:00Z")) {
    faults.add("E_VALUE", std::string(field) + " is not a day such as 2026-11-22");
  }
  return text;
}

inline const std::string& bytes_of(const std::string& bytes, size_t size, const char* field,
                                   Faults& faults) {
  if (bytes.size() != size) {
    faults.add("E_VALUE", std::string(field) + " is not " + std::to_string(size) + " bytes");
  }
  return bytes;
}

inline int64_t milliseconds_of(int64_t value, const char* field, Faults& faults) {
  if (value < 0 || value > kMaxPosition / kPositionsPerMs) {
    faults.add("E_VALUE", std::string(field) + " is outside 0 to 100 days");
  }
  return value;
}

}  // namespace earful::fields
