// Records of a store and what readers ask for them, as plain structs (proto/earful/v1/feed.proto).
// Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "proto/event.h"

namespace earful {

inline constexpr uint32_t kMaxReplay = 1024;
inline constexpr std::string_view kHeadTopic = "head";
// Of each list of a Customer: with the longest notes both lists stay under the 1 MiB of a message.
inline constexpr uint32_t kMaxPastTags = 50;

struct FeedPosition {
  uint64_t store_epoch = 0;
  uint64_t feed_seq = 0;
  bool operator==(const FeedPosition&) const = default;
};
// "EPOCH:SEQ", as on command lines and in addresses.
std::string position_text(FeedPosition position);
std::optional<FeedPosition> parse_position(std::string_view text);

struct Record {
  StoreId store_id;
  FeedPosition position;
  StationId station_id;
  JournalId journal_id;
  uint64_t seq = 0;
  WallTime received_at{};
  std::string quarantine;
  std::string raw;
  std::string digest;  // 32 bytes of the raw bytes as first sent, only where they were erased
};
struct Head {
  StoreId store_id;
  FeedPosition position;
};

struct Filter {
  std::vector<std::string> types;
  std::vector<StationId> stations;
};
struct Replay {
  FeedPosition after;
  uint32_t limit = kMaxReplay;
  Filter filter;
};
struct Enroll {
  std::string name;
  std::string public_key;
  std::optional<StationId> station_id;
};
struct GetTagbook {};
struct GetCustomer {
  std::string customer_key;
  std::optional<CallId> except;  // a call to be left out
  uint32_t limit = kMaxPastTags;
};
struct DeskRequest {
  uint64_t request_id = 0;
  std::variant<std::monostate, Replay, Enroll, GetTagbook, GetCustomer> request;
};

struct Page {
  StoreId store_id;
  std::vector<Record> records;
  FeedPosition next;
  FeedPosition head;
};
struct Enrolled {
  std::string role;
  StoreId store_id;
};
struct Tagbook {
  std::vector<TagKind> kinds;
};
struct PastTag {
  EventId tag;
  CallId call;
  std::string kind;
  WallTime time{};
  std::optional<WallTime> call_started_at;
  std::string queue;
  std::string note;
};
struct Customer {
  std::vector<PastTag> promises;  // open ones
  std::vector<PastTag> problems;
  bool more = false;
};
struct Refused {
  std::string code;
  std::string message;
};
struct DeskReply {
  uint64_t request_id = 0;
  std::variant<std::monostate, Page, Enrolled, Tagbook, Refused, Customer> reply;
};

// "event.Tagged" for a record of that type; "event.quarantine" for one in quarantine.
std::string feed_topic(const Record& record);

std::string encode(const Record& record);
std::string encode(const Head& head);
std::string encode(const DeskRequest& request);
std::string encode(const DeskReply& reply);
Result<Record> decode_record(std::string_view raw);
Result<Head> decode_head(std::string_view raw);
Result<DeskRequest> decode_desk_request(std::string_view raw);
Result<DeskReply> decode_desk_reply(std::string_view raw);

// The line `tail --json` and the HTTP stream print: event_json with the record's position, station,
// journal, seq, received_at and quarantine beside it. No line feed.
std::string record_json(const Record& record);

}  // namespace earful
