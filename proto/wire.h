// What the translation units that see generated messages share: time, tag kinds, serializing.
// Included only by the .cpp files of proto/.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <string>

#include "base/clock.h"
#include "earful/v1/event.pb.h"
#include "proto/event.h"

namespace earful::wire {

inline void put_time(WallTime from, google::protobuf::Timestamp& to) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(from);
  to.set_seconds(whole.time_since_epoch().count());
  to.set_nanos(int32_t(duration_cast<nanoseconds>(from - whole).count()));
}

inline WallTime get_time(const google::protobuf::Timestamp& from) {
  using namespace std::chrono;
  return WallTime(seconds(from.seconds())) + milliseconds(from.nanos() / 1000000);
}

inline void put_kind(const TagKind& from, v1::TagKindDefined& to) {
  to.set_kind(from.id);
  to.set_family(from.family);
  for (const auto& [language, label] : from.labels) (*to.mutable_labels())[language] = label;
  to.set_hint(from.hint);
  for (const auto& [language, hint] : from.hints) (*to.mutable_hints())[language] = hint;
  to.set_key(from.key);
  to.set_shape(v1::TagShape(from.shape));
  to.set_lead_ms(from.lead_ms);
  to.set_lag_ms(from.lag_ms);
  to.set_severity(from.severity);
  to.set_order(from.order);
  to.set_opens(from.opens);
  to.set_revision(from.revision);
  for (const std::string& set : from.sets) to.add_sets(set);
}

inline TagKind get_kind(const v1::TagKindDefined& from) {
  TagKind to;
  to.id = from.kind();
  to.family = from.family();
  for (const auto& [language, label] : from.labels()) to.labels[language] = label;
  to.hint = from.hint();
  for (const auto& [language, hint] : from.hints()) to.hints[language] = hint;
  to.key = from.key();
  to.shape = from.shape() == v1::TAG_SHAPE_RANGE ? TagShape::kRange : TagShape::kPoint;
  to.lead_ms = from.lead_ms();
  to.lag_ms = from.lag_ms();
  to.severity = from.severity();
  to.order = from.order();
  to.opens = from.opens();
  to.revision = from.revision();
  to.sets.assign(from.sets().begin(), from.sets().end());
  return to;
}

// Maps in key order, so that the same message gives the same bytes.
inline std::string serialize(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  return bytes;
}

}  // namespace earful::wire
