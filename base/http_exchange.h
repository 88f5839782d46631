// One request and its answer, on its way between the HTTP thread and whoever answers. Internal to
// the HTTP server; handlers see it as HttpResponder and HttpWaker (http_message.h).
//
// The HTTP thread owns every field except those under the mutex. The mutex is no queue because an
// answer must reach either the handler's own return path or the mailbox, never both and never
// neither.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/socket.h"

struct MHD_Connection;

namespace earful {

// Exchanges whose connection the HTTP thread shall resume. Outlives the server, so that a late
// answer is harmless.
class HttpMailbox {
 public:
  void post(std::shared_ptr<HttpExchange> exchange);  // any thread
  std::vector<std::shared_ptr<HttpExchange>> take();  // HTTP thread
  void close();                                       // HTTP thread, at its end: nothing is kept
  void wake() const { wake_.wake(); }                 // any thread
  int fd() const { return wake_.fd(); }

 private:
  std::mutex mutex_;  // guards a queue: this is where threads meet
  std::vector<std::shared_ptr<HttpExchange>> waiting_;
  bool closed_ = false;
  Wake wake_;
};

class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  explicit HttpExchange(std::shared_ptr<HttpMailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  // Any thread.
  void answer(HttpResponse response);
  void wake();

  // HTTP thread: the answer if there is one. Otherwise the exchange counts as waiting, and the
  // answer will come by mail.
  std::optional<HttpResponse> take_answer_or_wait();

  // HTTP thread only, from here on.
  HttpRequest request;
  std::string target;  // as sent, with the query
  const char* target_in_buffer = nullptr;
  MHD_Connection* connection = nullptr;  // null when the client is gone
  bool seen = false;                     // the header has been looked at
  bool dispatched = false;
  bool suspended = false;
  bool dead_peer = false;  // found while suspended
  int status = 0;          // 0 until answered
  std::chrono::steady_clock::time_point suspended_at{};

  // Of a streamed answer.
  std::optional<HttpStream> stream;
  std::string unsent;
  bool owes_keep_alive = false;

 private:
  const std::shared_ptr<HttpMailbox> mailbox_;
  std::mutex mutex_;
  std::optional<HttpResponse> response_;
  bool answered_ = false;
  bool waiting_ = false;
};

}  // namespace earful
