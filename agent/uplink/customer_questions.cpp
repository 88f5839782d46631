#include "agent/uplink/customer_questions.h"

#include "base/hash.h"
#include "base/log.h"

namespace earful::agent {
namespace {

Error away() { return {"E_AWAY", "asking for a customer: the collector does not answer"}; }

}  // namespace

CustomerQuestions::~CustomerQuestions() {
  for (const auto& [id, waiting] : waiting_) waiting.answer(away());
}

void CustomerQuestions::ask(CustomerQuestion question, SteadyTime now,
                            const std::function<bool(std::string)>& send) {
  DeskRequest request;
  request.request_id = random_u64();
  request.request = std::move(question.wanted);
  if (!send(encode(request))) return question.answer(away());
  waiting_[request.request_id] = {std::move(question.answer), now + kCustomerWithin};
}

void CustomerQuestions::answered(std::string_view body) {
  if (waiting_.empty()) return;
  auto reply = decode_desk_reply(body);
  if (!reply.ok()) return;
  const auto found = waiting_.find(reply->request_id);
  if (found == waiting_.end()) return;
  const CustomerAnswer answer = std::move(found->second.answer);
  waiting_.erase(found);
  if (auto* customer = std::get_if<Customer>(&reply->reply)) return answer(std::move(*customer));
  const auto* refused = std::get_if<Refused>(&reply->reply);
  const Error error = refused ? Error{refused->code, refused->message} : away();
  log_warn("heard no customer", {{"code", error.code}, {"why", error.message}});
  answer(error);
}

void CustomerQuestions::tick(SteadyTime now) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (now < at->second.until) {
      ++at;
      continue;
    }
    at->second.answer(away());
    at = waiting_.erase(at);
  }
}

}  // namespace earful::agent
