// What this station asked the desk about customers and has no answer to yet, as a passive part of
// the uplink: requests out, replies and time in. Each question is answered once, whatever happens;
// with E_AWAY when the desk cannot be reached or says nothing in time.
//
// Belongs to the uplink's thread, where the answers are called; they must not block.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "proto/feed.h"

namespace earful::agent {

// The desk takes milliseconds; a person waits no longer for what stands beside the player.
inline constexpr std::chrono::seconds kCustomerWithin{2};

// Errors: E_AWAY, and what the desk refuses with.
using CustomerAnswer = std::function<void(Result<Customer>)>;

struct CustomerQuestion {
  GetCustomer wanted;
  CustomerAnswer answer;
};

class CustomerQuestions {
 public:
  CustomerQuestions() = default;
  CustomerQuestions(const CustomerQuestions&) = delete;
  CustomerQuestions& operator=(const CustomerQuestions&) = delete;
  ~CustomerQuestions();  // answers what is left

  // send() puts a request on the way to the desk, or says that it cannot.
  void ask(CustomerQuestion question, SteadyTime now, const std::function<bool(std::string)>& send);
  // A reply of the desk; one to another's request changes nothing.
  void answered(std::string_view body);
  // Call at least twice a second.
  void tick(SteadyTime now);

 private:
  struct Waiting {
    CustomerAnswer answer;
    SteadyTime until;
  };
  std::map<uint64_t, Waiting> waiting_;  // by request id
};

}  // namespace earful::agent
