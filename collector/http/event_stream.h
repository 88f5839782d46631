// One NDJSON answer: the records of a store after a position, page by page as the client reads.
// HTTP thread only; the reader outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/result.h"
#include "collector/store/store_reader.h"

namespace earful::collector {

struct StreamRequest {
  FeedPosition after{};
  std::optional<uint64_t> limit;
  bool follow = false;
};

// E_PARAMETER, naming the one that is wrong.
Result<StreamRequest> parse_stream_request(const HttpRequest& request);

class EventStream {
 public:
  EventStream(StoreReader& reader, const StreamRequest& request)
      : reader_(reader), request_(request), at_(request.after) {}

  HttpPull pull(std::string& out);

 private:
  StoreReader& reader_;
  StreamRequest request_;
  FeedPosition at_;
  uint64_t sent_ = 0;
};

}  // namespace earful::collector
