// What an HTTP handler sees and says. A handler runs on the server's one HTTP thread and must not
// block there: it answers through its HttpResponder at once, or keeps a copy of it and answers
// later from any thread. The first answer counts; when the last copy goes without one, the client
// gets 500.
//
// A body is one of: bytes, shared bytes (assets), a file (byte ranges are served from it), a
// stream.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_entrance.h"

namespace earful {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string path;    // as sent, never percent-decoded: an escaped path matches no route
  HttpFields query;    // decoded; no name occurs twice
  HttpFields headers;  // names in lower case, in order
  HttpFields params;   // what the route's {name} segments stood for
  std::string body;    // at most kMaxHttpBodyBytes
  HttpEntrance entrance = HttpEntrance::kLoopback;

  // The first header of that (lower-case) name; empty when there is none.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  std::optional<std::string> query_value(std::string_view name) const;
  // The route must have this parameter.
  const std::string& param(std::string_view name) const;
  // From the Cookie header; empty when there is none.
  std::string_view cookie(std::string_view name) const;
};

enum class HttpPull { kMore, kWait, kEnd };

struct HttpStream {
  // HTTP thread. Appends what there is (some 64 KiB at a time at most) and says whether more can be
  // had at once (kMore), after HttpWaker::wake (kWait), or never (kEnd). Must append when kMore.
  std::function<HttpPull(std::string& out)> pull;
  // Sent after keep-alive time without data, so that both ends notice a dead peer; "" for nothing.
  std::string keep_alive;
  // HTTP thread; called once when the client is gone or the stream has ended. May be empty.
  std::function<void()> closed;
  // How much the socket may hold of what the client has not read; 0: as the system likes. Small for
  // what is worth nothing when it is late.
  int send_buffer_bytes = 0;
};

struct HttpFile {
  std::filesystem::path path;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::shared_ptr<const std::string> shared;
  std::optional<HttpFile> file;
  std::optional<HttpStream> stream;
  HttpFields headers;
  std::string etag;  // with quotes; a matching If-None-Match is answered 304
  std::string cache = "no-store";
  std::string csp_nonce;  // lets style elements with this nonce through; "" for none
  bool close = false;     // the connection ends with this answer

  static HttpResponse json(int status, std::string body);
  static HttpResponse text(int status, std::string body);
  // {"error":{"code","message"}}
  static HttpResponse error(int status, std::string_view code, std::string_view message);
};

class HttpExchange;

// Wakes a stream that waits. Any thread; harmless after the stream has ended.
class HttpWaker {
 public:
  HttpWaker() = default;
  explicit HttpWaker(std::weak_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}
  void wake() const;

 private:
  std::weak_ptr<HttpExchange> exchange_;
};

class HttpResponder {
 public:
  explicit HttpResponder(std::shared_ptr<HttpExchange> exchange);
  // Any thread. Only the first answer of a request is sent.
  void send(HttpResponse response) const;
  HttpWaker waker() const;

 private:
  struct Ticket;
  std::shared_ptr<Ticket> ticket_;  // shared by all copies; its end without an answer is a 500
};

using HttpHandler = std::function<void(const HttpRequest&, HttpResponder)>;

}  // namespace earful
