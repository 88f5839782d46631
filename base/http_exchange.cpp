#include "base/http_exchange.h"

namespace earful {

void HttpMailbox::post(std::shared_ptr<HttpExchange> exchange) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    waiting_.push_back(std::move(exchange));
  }
  wake_.wake();
}

std::vector<std::shared_ptr<HttpExchange>> HttpMailbox::take() {
  wake_.drain();
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void HttpMailbox::close() {
  std::vector<std::shared_ptr<HttpExchange>> forgotten;  // goes after the lock
  const std::lock_guard lock(mutex_);
  closed_ = true;
  forgotten.swap(waiting_);
}

void HttpExchange::answer(HttpResponse response) {
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    answered_ = true;
    response_ = std::move(response);
    if (!waiting_) return;
  }
  wake();
}

void HttpExchange::wake() { mailbox_->post(shared_from_this()); }

std::optional<HttpResponse> HttpExchange::take_answer_or_wait() {
  const std::lock_guard lock(mutex_);
  waiting_ = !response_;
  return std::exchange(response_, std::nullopt);
}

void HttpWaker::wake() const {
  if (const auto exchange = exchange_.lock()) exchange->wake();
}

struct HttpResponder::Ticket {
  explicit Ticket(std::shared_ptr<HttpExchange> e) : exchange(std::move(e)) {}
  ~Ticket() {
    exchange->answer(HttpResponse::error(
        500, "E_INTERNAL", "The server lost this request; try again, and report it."));
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  const std::shared_ptr<HttpExchange> exchange;
};

HttpResponder::HttpResponder(std::shared_ptr<HttpExchange> exchange)
    : ticket_(std::make_shared<Ticket>(std::move(exchange))) {}

void HttpResponder::send(HttpResponse response) const {
  ticket_->exchange->answer(std::move(response));
}

HttpWaker HttpResponder::waker() const { return HttpWaker(ticket_->exchange); }

}  // namespace earful
