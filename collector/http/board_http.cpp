#include "collector/http/board_http.h"

#include <array>
#include <mutex>
#include <vector>

#include "base/hash.h"
#include "base/http_server.h"
#include "collector/http/event_stream.h"
#include "collector/http/metrics_text.h"
#include "collector/setup/secret_file.h"

namespace earful::collector {
namespace {

constexpr size_t kTokenBytes = 32;  // nobody guesses 256 bits
constexpr std::chrono::seconds kStreamSilence{15};

Result<std::string> load_or_make_token(const std::filesystem::path& path) {
  std::error_code fault;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, fault))) {
    std::array<uint8_t, kTokenBytes> bytes;
    fill_random(bytes);
    EARFUL_TRY(write_secret_file(path, to_hex(bytes) + "\n", false));
  }
  EARFUL_ASSIGN(std::string token, read_secret_file(path));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.size() != kTokenBytes * 2 || !from_hex(token)) {
    return Error{"E_SECRET_FILE", "reading " + path.string() +
                                      ": it does not hold a token; delete it and start again to "
                                      "get a new one"};
  }
  return token;
}

constexpr const char* kFrontPage =
    "earful collector\n"
    "\n"
    "GET /healthz         is it alive\n"
    "GET /readyz          can it commit\n"
    "GET /metrics         counters\n"
    "GET /api/v1/events?after=EPOCH:SEQ&limit=N&follow=1\n"
    "                     every event, one JSON object a line; wants the header\n"
    "                     Authorization: Bearer TOKEN (the token is in board.token\n"
    "                     in the collector's data folder)\n"
    "\n"
    "On the command line: earful-collector report, tail, verify.\n";

}  // namespace

class BoardHttp::Impl {
 public:
  Impl(StoreReader reader, std::string token, uint16_t port, const Counters& counters)
      : reader_(std::move(reader)),
        token_(std::move(token)),
        counters_(counters),
        server_({.port = port, .port_flag = "--http-port", .keep_alive_time = kStreamSilence}) {}

  void add_routes();
  void committed();

  StoreReader reader_;
  const std::string token_;
  const Counters& counters_;
  // Guards a queue: who waits for records. The HTTP thread adds, the committing thread takes.
  std::mutex mutex_;
  std::vector<HttpWaker> waiting_;
  HttpServer server_;  // last: its thread uses everything above

 private:
  void stream(const HttpRequest& request, const HttpResponder& responder);
};

void BoardHttp::Impl::add_routes() {
  server_.route("GET", "/", [](const HttpRequest&, const HttpResponder& responder) {
    responder.send(HttpResponse::text(200, kFrontPage));
  });
  server_.route("GET", "/healthz", [](const HttpRequest&, const HttpResponder& responder) {
    responder.send(HttpResponse::text(200, "alive\n"));
  });
  server_.route("GET", "/readyz", [this](const HttpRequest&, const HttpResponder& responder) {
    responder.send(counters_.holding == 0
                       ? HttpResponse::text(200, "ready\n")
                       : HttpResponse::text(503, "the disk refuses; nothing is acknowledged\n"));
  });
  server_.route("GET", "/metrics", [this](const HttpRequest&, const HttpResponder& responder) {
    HttpResponse response = HttpResponse::text(200, metrics_text(counters_));
    response.content_type = "text/plain; version=0.0.4";
    responder.send(std::move(response));
  });
  server_.route("GET", "/api/v1/events",
                [this](const HttpRequest& request, const HttpResponder& responder) {
                  stream(request, responder);
                });
}

void BoardHttp::Impl::stream(const HttpRequest& request, const HttpResponder& responder) {
  if (!equal_in_constant_time(request.header("authorization"), "Bearer " + token_)) {
    HttpResponse refused = HttpResponse::error(
        401, "E_TOKEN", "send Authorization: Bearer with the token in board.token");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer");
    responder.send(std::move(refused));
    return;
  }
  const auto wanted = parse_stream_request(request);
  if (!wanted.ok()) {
    responder.send(HttpResponse::error(400, wanted.error().code, wanted.error().message));
    return;
  }
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  auto events = std::make_shared<EventStream>(reader_, *wanted);
  response.stream = HttpStream{[this, events, waker = responder.waker()](std::string& out) {
                                 const HttpPull pulled = events->pull(out);
                                 if (pulled != HttpPull::kWait || !out.empty()) return pulled;
                                 {
                                   const std::lock_guard lock(mutex_);
                                   waiting_.push_back(waker);
                                 }
                                 // What was committed in between woke nobody.
                                 return events->pull(out);
                               },
                               wanted->follow ? "\n" : "", nullptr};
  responder.send(std::move(response));
}

void BoardHttp::Impl::committed() {
  std::vector<HttpWaker> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const HttpWaker& waker : waiting) waker.wake();
}

BoardHttp::BoardHttp(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BoardHttp::~BoardHttp() = default;

Result<std::unique_ptr<BoardHttp>> BoardHttp::open(const DataFolder& folder, uint16_t port,
                                                   const Counters& counters) {
  EARFUL_ASSIGN(std::string token, load_or_make_token(folder.token()));
  EARFUL_ASSIGN(StoreReader reader, StoreReader::open(folder.store()));
  auto impl = std::make_unique<Impl>(std::move(reader), std::move(token), port, counters);
  impl->add_routes();
  EARFUL_TRY(impl->server_.bind());
  return std::unique_ptr<BoardHttp>(new BoardHttp(std::move(impl)));
}

uint16_t BoardHttp::port() const { return impl_->server_.port(); }
Result<void> BoardHttp::start() { return impl_->server_.start(); }
void BoardHttp::stop() { impl_->server_.stop(); }
void BoardHttp::committed() { impl_->committed(); }

}  // namespace earful::collector
