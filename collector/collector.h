// One running collector: opens everything in its folder, starts its threads, stops them in order.
// This is the one place that sees all parts, and the one place that starts threads:
//
//   thread       owns                            wakes for                       tells
//   zap          zap socket, keys.db             a handshake
//   intake       intake ROUTER, the store's      a station's message             feed (committed)
//                one writer, keys.db
//   feed         feed XPUB, store reader         committed rows, each second
//   desk         desk ROUTER, store reader,      a request
//                keys.db
//   housekeeper  store connection, witness       every 200 ms                    intake
//   (checkpoint,
//                                                                                safe_seq)
//   http         HTTP server, store reader       a request, a follower's tick
//   main         signals                         SIGINT, SIGTERM, a fatal error
//
// A follower has a follow thread (a SUB, a DEALER, the store's one writer) in the intake's place.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/socket.h"
#include "collector/feed/upstream.h"
#include "collector/setup/counters.h"
#include "collector/setup/data_folder.h"

namespace earful::collector {

class Store;

struct CollectorOptions {
  std::string intake = "tcp://127.0.0.1:7301";
  std::string feed = "tcp://127.0.0.1:7302";
  std::string desk = "tcp://127.0.0.1:7303";
  uint16_t http_port = 7380;         // on 127.0.0.1; 0 takes a free one
  std::optional<Upstream> upstream;  // follow that collector instead of listening to stations
};

class Collector {
 public:
  // Everything is open and bound when this returns; nothing runs yet.
  static Result<std::unique_ptr<Collector>> open(const DataFolder& folder,
                                                 const CollectorOptions& options);
  ~Collector();  // stops

  // on_fatal is called once, from one of the threads, when the collector cannot go on.
  Result<void> start(std::function<void()> on_fatal);
  void stop();

  // For the main thread, about once a second: the writing thread was awake since it was last woken
  // here.
  bool is_at_work();
  // One line about how it goes, for an administrator.
  std::string status() const;

  const Endpoints& endpoints() const { return endpoints_; }
  std::optional<Error> fatal() const;
  Counters& counters() { return counters_; }

 private:
  struct Parts;
  Collector(const DataFolder& folder, FolderLock lock);
  Result<void> open_parts(const CollectorOptions& options);
  Result<void> open_writer(Store store, const CollectorOptions& options);
  void committed();
  void run(std::function<void()> body, const Wake& wake);

  DataFolder folder_;
  FolderLock lock_;
  Counters counters_;
  uint64_t turns_seen_ = 0;  // of the writing thread; is_at_work()'s
  SocketContext context_;
  Endpoints endpoints_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<Parts> parts_;
  struct Running {
    std::thread thread;
    const Wake* wake;
  };
  std::vector<Running> threads_;
};

}  // namespace earful::collector
