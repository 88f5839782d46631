// Tells the journal about calls that entered the library, from whichever process: that they began,
// that they ended and what is missing in them; and gives calls their customer key once the site key
// is known. One thread with its own library and state
// connections; it speaks to the scribe only by letters.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/journal/scribe.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "proto/delivery.h"
#include "recorder/library/library.h"

namespace earful::agent {

class Announcer {
 public:
  struct Options {
    // The journal that is written now. Any thread.
    std::function<JournalId()> journal;
    std::filesystem::path library_dir;
    std::filesystem::path state_file;
    std::string region;  // for telephone numbers, see customer_key.h
    NoticeSink notify;   // "calls" after new ones were announced
  };
  Announcer(Options options, Scribe& scribe);  // the scribe outlives the announcer
  ~Announcer();

  void set_site_keys(std::vector<SiteKey> keys);  // any thread

 private:
  void run();
  Result<void> look(recorder::Library& library, State& state);
  Result<size_t> announce(recorder::Library& library, State& state);
  Result<size_t> give_keys(recorder::Library& library);

  Options options_;
  Scribe& scribe_;
  std::mutex mutex_;  // guards what the wait wakes for; a queue of one would say no more
  std::condition_variable waiting_;
  std::vector<SiteKey> keys_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace earful::agent
