// Keeps the index of what can be found (find_index.h) while the station runs. One thread with its
// own connections; nobody waits for it: a search finds what it has written, a moment after the
// event.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/finding/indexer.h"
#include "agent/journal/scribe.h"
#include "base/result.h"

namespace earful::agent {

class Finder {
 public:
  // The index is there when this returns, and is filled by the thread.
  static Result<std::unique_ptr<Finder>> start(const Indexer::Files& files);
  ~Finder();
  Finder(const Finder&) = delete;
  Finder& operator=(const Finder&) = delete;

  // Any thread. A "tag" says which call to look at again.
  void notify(const Notice& notice);

 private:
  explicit Finder(Indexer indexer);
  void run();

  Indexer indexer_;
  std::mutex mutex_;  // guards changed_ and stopping_
  std::condition_variable waiting_;
  std::vector<CallId> changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace earful::agent
