// The station's side of every ZeroMQ socket: one thread that delivers the journal to the
// collector's intake, reads the feed, and asks the desk for what the feed dropped. It sends letters
// to the scribe and reads the journal through its own read-only connection.
//
// It notices by itself when the station joins a collector or another one.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/journal/journal_scribe.h"
#include "agent/journal/scribe.h"
#include "agent/uplink/customer_questions.h"
#include "base/result.h"
#include "base/socket.h"
#include "proto/delivery.h"

namespace earful::agent {

class Uplink {
 public:
  enum class Link { kNone, kDown, kUp };  // kNone: no collector joined

  struct Options {
    std::filesystem::path data_dir;
    NoticeSink notify;                                       // any thread
    std::function<void(std::vector<SiteKey>)> on_site_keys;  // on the uplink's thread
  };
  Uplink(Options options, JournalScribe& scribe);  // the scribe outlives the uplink
  ~Uplink();

  // Any thread: the journal's head moved.
  void wake() { wake_.wake(); }

  // Any thread: asks the collector's desk. The answer comes on the uplink's thread, also when
  // nobody can be asked.
  void ask(CustomerQuestion question);

  Link link() const { return link_.load(); }
  uint64_t undelivered() const;

 private:
  class Session;
  void run();
  void publish_link(Link link);
  std::vector<CustomerQuestion> take_questions();

  Options options_;
  JournalScribe& scribe_;
  Wake wake_;
  std::mutex questions_mutex_;  // of the queue of questions, which is taken whole
  std::vector<CustomerQuestion> questions_;
  std::atomic<bool> stopping_{false};
  std::atomic<Link> link_{Link::kNone};
  std::atomic<uint64_t> have_seq_{0};
  std::string told_;  // the last "link" notice; the thread's own
  std::thread thread_;
};

std::string_view link_text(Uplink::Link link);  // "none", "down", "up"

}  // namespace earful::agent
