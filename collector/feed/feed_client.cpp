#include "collector/feed/feed_client.h"

#include <array>

namespace earful::collector {

Result<std::unique_ptr<FeedClient>> FeedClient::connect(const Upstream& upstream, StoreId store,
                                                        FeedPosition after) {
  std::unique_ptr<FeedClient> client(new FeedClient(store, after));
  const auto options = [&](SocketKind kind) {
    return Socket::Options{.kind = kind,
                           .server_public_key = upstream.server_public_key,
                           .client_keys = upstream.keys};
  };
  EARFUL_ASSIGN(client->feed_, Socket::make(*client->context_, options(SocketKind::kSub)));
  EARFUL_TRY(client->feed_.subscribe(""));
  EARFUL_TRY(client->feed_.connect(upstream.feed()));
  EARFUL_ASSIGN(client->desk_, Socket::make(*client->context_, options(SocketKind::kDealer)));
  EARFUL_TRY(client->desk_.connect(upstream.desk()));
  return client;
}

void FeedClient::ask() {
  const auto now = std::chrono::steady_clock::now();
  if (asked_ && now - *asked_ < kAskAgain) return;
  const DeskRequest request{request_id_ + 1, Replay{cursor_.position(), kMaxReplay, {}}};
  if (!desk_.send({encode(request)})) return;  // not connected yet
  ++request_id_;
  asked_ = now;
}

Result<std::vector<Record>> FeedClient::wait(std::chrono::milliseconds timeout, const Wake* wake) {
  if (cursor_.behind()) ask();
  const std::array<const Socket*, 2> sockets{&feed_, &desk_};
  // Until the first question is out there is nothing to be told of.
  const auto soon = std::chrono::milliseconds(20);
  poll(sockets, wake, cursor_.behind() && !asked_ ? std::min(timeout, soon) : timeout);
  std::vector<Record> records;
  while (const auto message = desk_.receive()) {
    auto reply = decode_desk_reply(message->parts.back());
    if (!reply.ok() || reply->request_id != request_id_ || !asked_) continue;
    asked_.reset();
    if (const auto* refused = std::get_if<Refused>(&reply->reply)) {
      return Error{"E_REFUSED", "reading the desk: it said " + refused->message};
    }
    if (auto* page = std::get_if<Page>(&reply->reply)) {
      answered_ = true;
      for (Record& record : cursor_.answered(std::move(*page))) {
        records.push_back(std::move(record));
      }
    }
  }
  while (records.size() < kMaxReplay) {
    const auto message = feed_.receive();
    if (!message) break;
    if (message->parts.size() != 2) continue;
    if (auto record = cursor_.published(message->parts[0], message->parts[1])) {
      records.push_back(*std::move(record));
    }
  }
  return records;
}

}  // namespace earful::collector
