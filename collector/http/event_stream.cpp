#include "collector/http/event_stream.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"

namespace earful::collector {
namespace {

// A pull is answered in one go: as many lines as some 64 KiB hold.
constexpr uint32_t kRecordsPerPull = 64;

}  // namespace

Result<StreamRequest> parse_stream_request(const HttpRequest& request) {
  StreamRequest stream;
  if (const auto after = request.query_value("after"); after && !after->empty()) {
    const auto position = parse_position(*after);
    if (!position) {
      return Error{"E_PARAMETER", "reading after=" + *after + ": a position is EPOCH:SEQ"};
    }
    stream.after = *position;
  }
  if (const auto limit = request.query_value("limit"); limit && !limit->empty()) {
    uint64_t number = 0;
    const auto [end, fault] = std::from_chars(limit->data(), limit->data() + limit->size(), number);
    if (fault != std::errc() || end != limit->data() + limit->size() || number == 0) {
      return Error{"E_PARAMETER", "reading limit=" + *limit + ": it is a number from 1 on"};
    }
    stream.limit = number;
  }
  const std::string follow = request.query_value("follow").value_or("0");
  if (follow != "0" && follow != "1" && follow != "true" && follow != "false") {
    return Error{"E_PARAMETER", "reading follow=" + follow + ": it is 1 or 0"};
  }
  stream.follow = follow == "1" || follow == "true";
  return stream;
}

HttpPull EventStream::pull(std::string& out) {
  if (request_.limit && sent_ >= *request_.limit) return HttpPull::kEnd;
  const uint64_t left = request_.limit ? *request_.limit - sent_ : kRecordsPerPull;
  while (true) {
    const auto page =
        reader_.read(at_, uint32_t(std::min<uint64_t>(left, kRecordsPerPull)), Filter{});
    if (!page.ok()) {
      log_error("stream failed", {{"error", page.error().message}});
      return HttpPull::kEnd;
    }
    for (const Record& record : page->records) out += record_json(record) + "\n";
    sent_ += page->records.size();
    at_ = page->next;
    if (request_.limit && sent_ >= *request_.limit) return HttpPull::kEnd;
    if (page->next == page->head) return request_.follow ? HttpPull::kWait : HttpPull::kEnd;
    if (!page->records.empty()) return HttpPull::kMore;
  }
}

}  // namespace earful::collector
