// Server-sent events (WHATWG HTML, 9.2) to any number of pages. publish() is for any thread and
// never blocks; serve() is a route's handler, on the HTTP thread.
//
// Each client has a bounded queue: one that does not read is dropped and comes back by itself, as
// EventSource does. Ids are "BOOT-NUMBER"; a client that returns with one of the last kRecentEvents
// is given what it missed, any other starts from now and is told so in a comment line. New clients
// first get the latest event of each type named as lasting.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"

namespace earful {

// A page that is this far behind is better off loading its state again.
inline constexpr size_t kMaxQueuedEvents = 256;
inline constexpr size_t kRecentEvents = 128;

class HttpEvents {
 public:
  explicit HttpEvents(std::vector<std::string> lasting_types);
  ~HttpEvents();

  // data is one JSON object.
  void publish(std::string_view type, std::string_view data);
  // may_stay is asked before anything is sent, at least at every keep-alive; empty: always.
  void serve(const HttpRequest& request, const HttpResponder& responder,
             std::function<bool()> may_stay = {});

  size_t clients() const;
  uint64_t dropped() const;

 private:
  struct Client;
  struct Shared;
  const std::shared_ptr<Shared> shared_;  // also held by the streams, which may end after us
};

}  // namespace earful
