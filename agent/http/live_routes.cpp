#include <charconv>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/live/live_reader.h"

namespace earful::agent {
namespace {

// A reader that stalls is found out after the seconds of sound that fit here, not after minutes.
constexpr int kSendBufferBytes = 8 * 1024;

// One listener, from the answer to the last byte.
struct Listening {
  Listening(std::unique_ptr<LiveReader> from, std::shared_ptr<ApiCounters> counts,
            std::function<bool()> stay)
      : reader(std::move(from)), counters(std::move(counts)), may_stay(std::move(stay)) {
    ++counters->live_readers;
  }
  ~Listening() { --counters->live_readers; }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  HttpPull pull(std::string& out) const {
    if (may_stay && !may_stay()) return HttpPull::kEnd;
    const uint64_t before = reader->moved();
    const HttpPull pulled = reader->pull(out);
    counters->live_readers_moved += reader->moved() - before;
    return pulled;
  }

  const std::unique_ptr<LiveReader> reader;
  const std::shared_ptr<ApiCounters> counters;
  const std::function<bool()> may_stay;
};

// Nothing for the live edge.
Result<std::optional<Position>> read_from(const HttpRequest& request) {
  for (const auto& [name, value] : request.query) {
    if (name != "from") return Error{"E_QUERY", "Only from is known here: edge or milliseconds."};
  }
  const std::string from = request.query_value("from").value_or("edge");
  if (from == "edge") return std::optional<Position>();
  double ms = 0;
  const auto [end, fault] = std::from_chars(from.data(), from.data() + from.size(), ms);
  // Also refuses not-a-number. No call is longer than a month.
  constexpr double kMostMs = 31.0 * 24 * 3600 * 1000;
  if (fault != std::errc() || end != from.data() + from.size() || !(ms >= 0 && ms <= kMostMs)) {
    return Error{"E_QUERY", "from must be edge, or milliseconds from the call's beginning."};
  }
  return std::optional(position_of_ms(ms));
}

Result<HttpResponse> open_stream(ApiContext& context, const HttpRequest& request,
                                 const Caller& caller, const HttpResponder& responder) {
  EARFUL_ASSIGN(const std::optional<Position> from, read_from(request));
  const auto id = CallId::parse(request.param("call_id"));
  std::shared_ptr<LiveFeed> feed = id && context.captures ? context.captures->live(*id) : nullptr;
  if (!feed) {
    EARFUL_ASSIGN(const auto call, id ? context.library.find(*id)
                                      : Result<std::optional<recorder::Call>>(std::nullopt));
    if (!call) return Error{"E_NO_CALL", "There is no such call; GET /api/v1/calls lists them."};
    if (call->live) {
      return Error{"E_NOT_LIVE",
                   "Another program has just begun to record this call; ask again in a moment."};
    }
    return Error{"E_NOT_LIVE", "This call has ended; GET /api/v1/calls/CALL_ID/audio plays it."};
  }
  EARFUL_ASSIGN(auto opened, LiveReader::open(std::move(feed), from, responder.waker()));
  const auto listening =
      std::make_shared<Listening>(std::move(opened), context.counters, caller.may_stay);
  HttpResponse response;
  response.content_type = "application/octet-stream";
  response.close = true;  // the small buffer would stay with the connection
  response.stream =
      HttpStream{.pull = [listening](std::string& out) { return listening->pull(out); },
                 .send_buffer_bytes = kSendBufferBytes};
  return response;
}

}  // namespace

void add_live_routes(HttpServer& server, ApiContext& context) {
  server.route(
      "GET", "/api/v1/calls/{call_id}/live",
      guarded(context.sessions, [&context](const HttpRequest& request, const Caller& caller,
                                           const HttpResponder& responder) {
        auto opened = open_stream(context, request, caller, responder);
        responder.send(opened.ok() ? std::move(*opened) : refusal(opened.error()));
      }));
}

}  // namespace earful::agent
