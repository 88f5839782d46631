#include "collector/collector.h"

#include <utility>

#include "base/log.h"
#include "collector/feed/desk_socket.h"
#include "collector/feed/feed.h"
#include "collector/feed/follower.h"
#include "collector/http/board_http.h"
#include "collector/intake/intake.h"
#include "collector/keys/zap.h"
#include "collector/store/customer_index.h"
#include "collector/store/housekeeper.h"
#include "collector/store/store_advice.h"

namespace earful::collector {

struct Collector::Parts {
  IntakeMail mail;
  Wake zap_wake, writer_wake, feed_wake, desk_wake, customers_wake, housekeeper_wake;
  std::unique_ptr<Zap> zap;
  std::unique_ptr<Intake> intake;  // or
  std::unique_ptr<Follower> follower;
  std::unique_ptr<Feed> feed;
  std::unique_ptr<DeskSocket> desk;
  std::unique_ptr<BoardHttp> http;
  std::optional<Housekeeper> housekeeper;
};

Collector::Collector(const DataFolder& folder, FolderLock lock)
    : folder_(folder), lock_(std::move(lock)), parts_(std::make_unique<Parts>()) {}

Collector::~Collector() { stop(); }

Result<std::unique_ptr<Collector>> Collector::open(const DataFolder& folder,
                                                   const CollectorOptions& options) {
  EARFUL_ASSIGN(FolderLock lock, folder.take());
  std::unique_ptr<Collector> collector(new Collector(folder, std::move(lock)));
  EARFUL_TRY(collector->open_parts(options));
  return collector;
}

Result<void> Collector::open_parts(const CollectorOptions& options) {
  auto opened = Store::open(folder_.store());
  if (!opened.ok()) return with_advice(opened.error());
  EARFUL_ASSIGN(Store store, std::move(opened));
  if (store_regressed(folder_, store)) {
    EARFUL_TRY(store.start_new_epoch());
    ++counters_.alarms;
    log_error("raise alarm", {{"what",
                               "the store is older than it once was; readers start again, "
                               "stations send again what it lacks"},
                              {"store_epoch", store.epoch()}});
  }
  EARFUL_ASSIGN(const uint64_t reread, store.reread_newer());
  if (reread > 0) log_info("read newer events again", {{"count", reread}});

  // Before any other socket: without the authenticator CURVE lets every key in.
  EARFUL_ASSIGN(Keystore zap_keys, Keystore::open(folder_.keys()));
  EARFUL_ASSIGN(parts_->zap, Zap::open(context_, std::move(zap_keys), counters_));

  const auto log_bytes = store.log_bytes();
  EARFUL_TRY(open_writer(std::move(store), options));
  EARFUL_ASSIGN(StoreReader feed_reader, StoreReader::open(folder_.store()));
  EARFUL_ASSIGN(Keystore feed_keys, Keystore::open(folder_.keys()));
  EARFUL_ASSIGN(parts_->feed, Feed::open(context_, {std::move(feed_reader), std::move(feed_keys),
                                                    options.feed, &counters_}));
  EARFUL_ASSIGN(StoreReader desk_reader, StoreReader::open(folder_.store()));
  EARFUL_ASSIGN(Keystore desk_keys, Keystore::open(folder_.keys()));
  EARFUL_ASSIGN(parts_->desk, DeskSocket::open(context_,
                                               Desk(std::move(desk_reader), std::move(desk_keys),
                                                    {folder_.customers(), folder_.store()}),
                                               options.desk, counters_));
  EARFUL_ASSIGN(parts_->housekeeper,
                Housekeeper::open(folder_,
                                  {[this] {
                                     if (parts_->follower) parts_->follower->checkpoint_soon();
                                     parts_->mail.ask_checkpoint();
                                     parts_->writer_wake.wake();
                                   },
                                   [this](std::map<JournalKey, uint64_t> safe) {
                                     parts_->mail.put_safe_seqs(std::move(safe));
                                     parts_->writer_wake.wake();
                                   }},
                                  log_bytes));
  EARFUL_ASSIGN(parts_->http, BoardHttp::open(folder_, options.http_port, counters_));
  endpoints_ = {parts_->intake ? parts_->intake->endpoint() : "", parts_->feed->endpoint(),
                parts_->desk->endpoint(), parts_->http->port()};
  return {};
}

Result<void> Collector::open_writer(Store store, const CollectorOptions& options) {
  if (options.upstream) {
    EARFUL_ASSIGN(parts_->follower, Follower::open(std::move(store), *options.upstream, counters_,
                                                   [this] { committed(); }));
    return {};
  }
  EARFUL_ASSIGN(const auto upstream, store.upstream());
  if (upstream) {
    return Error{"E_MIRROR", "serving from " + folder_.root.string() +
                                 ": it mirrors another collector; add --follow-from, or choose "
                                 "another folder with --data"};
  }
  EARFUL_ASSIGN(Keystore keys, Keystore::open(folder_.keys()));
  EARFUL_ASSIGN(parts_->intake,
                Intake::open(context_, {std::move(store), std::move(keys), options.intake,
                                        &counters_, &parts_->mail, [this] { committed(); }}));
  return {};
}

void Collector::committed() {
  parts_->feed_wake.wake();
  parts_->http->committed();
}

void Collector::run(std::function<void()> body, const Wake& wake) {
  threads_.push_back({std::thread(std::move(body)), &wake});
}

Result<void> Collector::start(std::function<void()> on_fatal) {
  EARFUL_TRY(write_endpoints(folder_, endpoints_));
  EARFUL_TRY(parts_->http->start());
  Parts& parts = *parts_;
  run([&] { parts.zap->run(stop_, parts.zap_wake); }, parts.zap_wake);
  run(
      [&, on_fatal = std::move(on_fatal)] {
        if (parts.intake) parts.intake->run(stop_, parts.writer_wake);
        if (parts.follower) parts.follower->run(stop_, parts.writer_wake);
        if (fatal()) on_fatal();
      },
      parts.writer_wake);
  run([&] { parts.feed->run(stop_, parts.feed_wake); }, parts.feed_wake);
  run([&] { parts.desk->run(stop_, parts.desk_wake); }, parts.desk_wake);
  run(
      [&] {
        run_customer_index(folder_.customers(), folder_.store(), stop_, parts.customers_wake,
                           counters_);
      },
      parts.customers_wake);
  run([&] { parts.housekeeper->run(stop_, parts.housekeeper_wake); }, parts.housekeeper_wake);
  return {};
}

void Collector::stop() {
  stop_ = true;
  for (Running& running : threads_) {
    running.wake->wake();
    running.thread.join();
  }
  threads_.clear();
  if (parts_->http) parts_->http->stop();
}

bool Collector::is_at_work() {
  parts_->writer_wake.wake();  // seen by the next look
  const uint64_t turns = counters_.writer_turns;
  return std::exchange(turns_seen_, turns) != turns;
}

std::string Collector::status() const {
  if (counters_.holding != 0) return "the disk refuses: nothing is acknowledged";
  return std::to_string(counters_.events_stored) + " events stored since the start, " +
         std::to_string(counters_.alarms) + " alarms";
}

std::optional<Error> Collector::fatal() const {
  return parts_->intake ? parts_->intake->fatal() : parts_->follower->fatal();
}

}  // namespace earful::collector
