#include "collector/feed/feed.h"

#include <array>

#include "base/log.h"
#include "collector/keys/zap.h"
#include "collector/setup/address.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

}  // namespace

Result<std::unique_ptr<Feed>> Feed::open(const SocketContext& context, Parts parts) {
  std::unique_ptr<Feed> feed(new Feed(context, std::move(parts)));
  EARFUL_ASSIGN(feed->revocations_, feed->parts_.keys.revocations());
  EARFUL_ASSIGN(feed->sent_, feed->parts_.reader.head());
  EARFUL_TRY(feed->bind());
  feed->parts_.endpoint = plain_endpoint(feed->socket_.endpoint());
  return feed;
}

Result<void> Feed::bind() {
  EARFUL_ASSIGN(socket_,
                Socket::make(context_, {.kind = SocketKind::kXpub,
                                        .server_secret_key = parts_.keys.server_keys().secret_key,
                                        .zap_domain = std::string(kFeedDomain),
                                        .server_public_key = {},
                                        .client_keys = {},
                                        .high_water_mark = kFeedHighWaterMark,
                                        .max_message_bytes = kMaxSubscriberMessageBytes,
                                        .manual_subscriptions = true}));
  return socket_.bind(parts_.endpoint);
}

void Feed::run(const std::atomic<bool>& stop, const Wake& wake) {
  auto next_head = std::chrono::steady_clock::now();
  while (!stop) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_head) {
      rebind_if_revoked(stop);
      send_head();
      next_head = now + kHeadEvery;
    }
    const std::array<const Socket*, 1> sockets{&socket_};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_head - now);
    poll(sockets, &wake, std::max(left, 0ms));
    wake.drain();
    take_subscriptions();
    publish(stop);
  }
}

void Feed::rebind_if_revoked(const std::atomic<bool>& stop) {
  const auto revocations = parts_.keys.revocations();
  if (!revocations.ok() || *revocations == revocations_) return;
  if (auto unbound = socket_.unbind(); !unbound.ok()) {
    log_warn("unbind feed failed", {{"error", unbound.error().message}});
  }
  socket_ = Socket();
  subscriptions_ = Subscriptions();
  parts_.counters->subscriptions = 0;
  // The port is free a moment after the socket is closed.
  for (int attempt = 0; !stop; ++attempt) {
    const auto bound = bind();
    if (bound.ok()) {
      revocations_ = *revocations;
      log_info("rebind feed", {{"endpoint", parts_.endpoint}});
      return;
    }
    if (attempt % 100 == 99) log_error("rebind feed failed", {{"error", bound.error().message}});
    poll({}, nullptr, 10ms);
  }
}

void Feed::take_subscriptions() {
  bool added = false;
  while (const auto message = socket_.receive()) {
    if (message->parts.size() != 1 || message->parts[0].empty()) continue;
    const std::string_view topic = std::string_view(message->parts[0]).substr(1);
    const char what = message->parts[0][0];
    if (what == 1 && subscriptions_.add(topic, message->user_id)) {
      if (socket_.subscribe(topic).ok()) added = true;
    } else if (what == 1) {
      ++parts_.counters->subscriptions_refused;
    } else if (what == 0 && subscriptions_.remove(topic, message->user_id)) {
      (void)socket_.unsubscribe(topic).ok();
    }
  }
  parts_.counters->subscriptions = subscriptions_.size();
  if (added) send_head();
}

void Feed::publish(const std::atomic<bool>& stop) {
  while (!stop) {
    const auto head = parts_.reader.head();
    if (!head.ok()) return;
    if (subscriptions_.size() == 0) sent_ = *head;
    if (sent_ == *head) return;
    const auto page = parts_.reader.read(sent_, kMaxReplay, {});
    if (!page.ok()) {
      log_error("read feed failed", {{"error", page.error().message}});
      return;
    }
    for (const Record& record : page->records) {
      socket_.send({feed_topic(record), encode(record)});
      ++parts_.counters->records_published;
    }
    sent_ = page->next;
    take_subscriptions();
  }
}

void Feed::send_head() {
  const auto head = parts_.reader.head();
  if (!head.ok()) return;
  socket_.send({std::string(kHeadTopic), encode(Head{parts_.reader.id(), *head})});
}

}  // namespace earful::collector
