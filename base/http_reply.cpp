#include "base/http_reply.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/clock.h"
#include "base/http_syntax.h"

namespace earful {
namespace {

// Read from a stream in one go; several small events fit, and 64 of them do not hurt.
constexpr size_t kStreamBlockBytes = 16 * 1024;

constexpr std::string_view kContentPolicy =
    "default-src 'none'; script-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; style-src 'self'";

// A page of ours only ever plays; nothing on it, however it got there, may listen or look.
constexpr const char* kPermissions =
    "microphone=(), camera=(), display-capture=(), geolocation=(), midi=(), usb=(), serial=()";

void add(MHD_Response* to, const char* name, const std::string& value) {
  EARFUL_CHECK(MHD_add_response_header(to, name, value.c_str()) == MHD_YES);
}

void add_headers(MHD_Response* to, const HttpResponse& response) {
  std::string policy(kContentPolicy);
  if (!response.csp_nonce.empty()) policy += " 'nonce-" + response.csp_nonce + "'";
  add(to, "Content-Security-Policy", policy);
  add(to, "X-Content-Type-Options", "nosniff");
  add(to, "Referrer-Policy", "no-referrer");
  add(to, "Permissions-Policy", kPermissions);
  add(to, "Cross-Origin-Resource-Policy", "same-origin");
  add(to, "Cross-Origin-Opener-Policy", "same-origin");
  add(to, "Cache-Control", response.cache);
  if (!response.content_type.empty()) add(to, "Content-Type", response.content_type);
  if (!response.etag.empty()) add(to, "ETag", response.etag);
  if (response.close) add(to, "Connection", "close");
  for (const auto& [name, value] : response.headers) add(to, name.c_str(), value);
}

MHD_Response* from_bytes(std::shared_ptr<const std::string> bytes) {
  using Owner = std::shared_ptr<const std::string>;
  auto owner = std::make_unique<Owner>(std::move(bytes));
  const Owner& body = *owner;
  MHD_Response* made = MHD_create_response_from_buffer_with_free_callback_cls(
      body->size(), const_cast<char*>(body->data()),
      [](void* closure) { delete static_cast<Owner*>(closure); }, owner.get());
  EARFUL_CHECK(made != nullptr);
  owner.release();
  return made;
}

HttpReply with_headers(int status, MHD_Response* made, const HttpResponse& response) {
  add_headers(made, response);
  return {status, made};
}

HttpReply empty_reply(int status, const HttpResponse& response) {
  return with_headers(status, from_bytes(std::make_shared<const std::string>()), response);
}

HttpReply error_reply(int status, std::string_view code, std::string_view message) {
  HttpResponse response = HttpResponse::error(status, code, message);
  auto body = std::make_shared<const std::string>(std::move(response.body));
  return with_headers(status, from_bytes(std::move(body)), response);
}

// Size and times name a file's content well enough: ours are written once, under another name
// first.
std::string file_etag(const struct stat& info) {
  return "\"" + std::to_string(info.st_size) + "-" + std::to_string(info.st_mtim.tv_sec) + "-" +
         std::to_string(info.st_mtim.tv_nsec) + "\"";
}

HttpReply file_reply(const HttpRequest& request, HttpResponse response) {
  const int fd =
      ::open(response.file->path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    const std::string why = fd < 0 ? std::strerror(errno) : "it is not a file";
    if (fd >= 0) ::close(fd);
    return error_reply(404, "E_FILE", "The file of this answer cannot be read: " + why + ".");
  }
  const uint64_t size = uint64_t(info.st_size);
  response.etag = file_etag(info);
  response.headers.emplace_back("Accept-Ranges", "bytes");
  if (etag_matches(request.header("if-none-match"), response.etag)) {
    ::close(fd);
    return empty_reply(304, response);
  }
  ByteRange range;
  const std::string_view condition = request.header("if-range");
  if (condition.empty() || condition == response.etag) {
    range = parse_range(request.header("range"), size);
  }
  if (range.kind == ByteRange::Kind::kUnsatisfiable) {
    ::close(fd);
    response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
    return empty_reply(416, response);
  }
  const bool part = range.kind == ByteRange::Kind::kPart;
  if (part) {
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                       std::to_string(range.last) + "/" +
                                                       std::to_string(size));
  }
  const uint64_t length = part ? range.last - range.first + 1 : size;
  MHD_Response* made = MHD_create_response_from_fd_at_offset64(length, fd, part ? range.first : 0);
  EARFUL_CHECK(made != nullptr);  // it owns the descriptor now
  return with_headers(part ? 206 : 200, made, response);
}

using ExchangePtr = std::shared_ptr<HttpExchange>;

// A reader that only returned 0 would be asked again at once, forever: with nothing to send the
// connection is suspended here and resumed by mail.
ssize_t read_stream(void* closure, uint64_t, char* out, size_t max) {
  HttpExchange& exchange = **static_cast<ExchangePtr*>(closure);
  if (exchange.dead_peer) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (exchange.unsent.empty() && exchange.stream) {
    const HttpPull pulled = exchange.stream->pull(exchange.unsent);
    if (exchange.unsent.empty() && pulled == HttpPull::kEnd) {
      return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (exchange.unsent.empty() && exchange.owes_keep_alive) {
      exchange.unsent = exchange.stream->keep_alive;
    }
    exchange.owes_keep_alive = false;
    if (exchange.unsent.empty()) {
      EARFUL_CHECK(pulled == HttpPull::kWait);
      exchange.suspended = true;
      exchange.suspended_at = std::chrono::steady_clock::now();
      MHD_suspend_connection(exchange.connection);
      return 0;
    }
  }
  const size_t length = std::min(max, exchange.unsent.size());
  std::memcpy(out, exchange.unsent.data(), length);
  exchange.unsent.erase(0, length);
  return ssize_t(length);
}

void close_stream(void* closure) {
  const std::unique_ptr<ExchangePtr> owner(static_cast<ExchangePtr*>(closure));
  if (auto stream = std::exchange((*owner)->stream, std::nullopt); stream && stream->closed) {
    stream->closed();
  }
}

void limit_send_buffer(MHD_Connection* connection, int bytes) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  EARFUL_CHECK(info != nullptr);
  // A system that does not take it keeps its own, which is only larger.
  (void)::setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

HttpReply stream_reply(const ExchangePtr& exchange, HttpResponse response) {
  exchange->stream = std::move(response.stream);
  if (exchange->stream->send_buffer_bytes > 0) {
    limit_send_buffer(exchange->connection, exchange->stream->send_buffer_bytes);
  }
  auto owner = std::make_unique<ExchangePtr>(exchange);
  MHD_Response* made = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kStreamBlockBytes,
                                                         read_stream, owner.get(), close_stream);
  EARFUL_CHECK(made != nullptr);
  owner.release();
  add(made, "X-Accel-Buffering", "no");  // a proxy passes on each piece as it comes
  return with_headers(response.status, made, response);
}

}  // namespace

HttpReply make_reply(const ExchangePtr& exchange, HttpResponse response) {
  if (response.file) return file_reply(exchange->request, std::move(response));
  if (response.stream) return stream_reply(exchange, std::move(response));
  if (response.status == 200 &&
      etag_matches(exchange->request.header("if-none-match"), response.etag)) {
    return empty_reply(304, response);
  }
  auto body = response.shared ? response.shared
                              : std::make_shared<const std::string>(std::move(response.body));
  return with_headers(response.status, from_bytes(std::move(body)), response);
}

}  // namespace earful
