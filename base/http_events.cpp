#include "base/http_events.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hash.h"

namespace earful {
namespace {

using Text = std::shared_ptr<const std::string>;

// The socket takes this much at a time; the rest waits in the queue, where it is bounded.
constexpr size_t kPullBytes = 16 * 1024;

Text make_event(std::string_view id, std::string_view type, std::string_view data) {
  std::string text;
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  text.append("event: ").append(type).append("\n");
  while (true) {
    const size_t end = data.find('\n');
    text.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  return std::make_shared<const std::string>(text + "\n");
}

}  // namespace

struct HttpEvents::Client {
  std::deque<Text> queue;
  bool too_slow = false;
  HttpWaker waker;
};

// The mutex guards queues: publishers fill them, the HTTP thread empties them.
struct HttpEvents::Shared {
  std::mutex mutex;
  const std::string boot = to_hex(generichash(std::to_string(random_u64()))).substr(0, 8);
  uint64_t last = 0;
  std::deque<std::pair<uint64_t, Text>> recent;
  std::vector<std::string> lasting_types;
  std::map<std::string, Text, std::less<>> lasting;
  std::vector<std::shared_ptr<Client>> clients;
  uint64_t dropped = 0;

  void greet(Client& client, std::string_view last_event_id);
  HttpPull pull(Client& client, std::string& out);
  std::optional<uint64_t> known(std::string_view event_id) const;
};

std::optional<uint64_t> HttpEvents::Shared::known(std::string_view event_id) const {
  if (!event_id.starts_with(boot + "-")) return std::nullopt;
  event_id.remove_prefix(boot.size() + 1);
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(event_id.data(), event_id.data() + event_id.size(), number);
  if (error != std::errc() || end != event_id.data() + event_id.size()) return std::nullopt;
  const uint64_t oldest = recent.empty() ? last + 1 : recent.front().first;
  if (number > last || number + 1 < oldest) return std::nullopt;
  return number;
}

void HttpEvents::Shared::greet(Client& client, std::string_view last_event_id) {
  const auto from = known(last_event_id);
  std::string hello = "retry: 2000\n";
  if (!last_event_id.empty() && !from) {
    hello += ": that Last-Event-ID is not known here, so this begins now: load the state again\n";
  }
  client.queue.push_back(std::make_shared<const std::string>(hello + "\n"));
  for (const auto& [type, text] : lasting) client.queue.push_back(text);
  for (const auto& [number, text] : recent) {
    if (from && number > *from) client.queue.push_back(text);
  }
}

HttpPull HttpEvents::Shared::pull(Client& client, std::string& out) {
  const std::lock_guard lock(mutex);
  if (client.too_slow) return HttpPull::kEnd;
  while (!client.queue.empty() && out.size() < kPullBytes) {
    out += *client.queue.front();
    client.queue.pop_front();
  }
  return client.queue.empty() ? HttpPull::kWait : HttpPull::kMore;
}

HttpEvents::HttpEvents(std::vector<std::string> lasting_types)
    : shared_(std::make_shared<Shared>()) {
  shared_->lasting_types = std::move(lasting_types);
}

HttpEvents::~HttpEvents() = default;

void HttpEvents::publish(std::string_view type, std::string_view data) {
  std::vector<HttpWaker> wakers;
  {
    const std::lock_guard lock(shared_->mutex);
    const uint64_t number = ++shared_->last;
    const Text text = make_event(shared_->boot + "-" + std::to_string(number), type, data);
    shared_->recent.emplace_back(number, text);
    if (shared_->recent.size() > kRecentEvents) shared_->recent.pop_front();
    const auto& types = shared_->lasting_types;
    if (std::find(types.begin(), types.end(), type) != types.end()) {
      // Without an id: what a client has missed is counted from the events alone.
      shared_->lasting[std::string(type)] = make_event("", type, data);
    }
    for (const auto& client : shared_->clients) {
      if (client->too_slow) continue;
      client->queue.push_back(text);
      if (client->queue.size() > kMaxQueuedEvents) {
        client->too_slow = true;
        client->queue.clear();
        ++shared_->dropped;
      }
      wakers.push_back(client->waker);
    }
  }
  for (const HttpWaker& waker : wakers) waker.wake();
}

void HttpEvents::serve(const HttpRequest& request, const HttpResponder& responder,
                       std::function<bool()> may_stay) {
  const auto client = std::make_shared<Client>();
  client->waker = responder.waker();
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->greet(*client, request.header("last-event-id"));
    shared_->clients.push_back(client);
  }
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.stream = HttpStream{
      .pull =
          [shared = shared_, client, may_stay = std::move(may_stay)](std::string& out) {
            if (may_stay && !may_stay()) return HttpPull::kEnd;
            return shared->pull(*client, out);
          },
      .keep_alive = ":\n\n",
      .closed =
          [shared = shared_, client] {
            const std::lock_guard lock(shared->mutex);
            std::erase(shared->clients, client);
          },
  };
  responder.send(std::move(response));
}

size_t HttpEvents::clients() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->clients.size();
}

uint64_t HttpEvents::dropped() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->dropped;
}

}  // namespace earful
