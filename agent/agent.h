// The running station: opens everything in its data folder and starts its threads; this is the one
// file of the program that sees all of them.
//
//   scribe     owns the journal and writes the state       agent/journal/journal_scribe.h
//   announcer  tells the journal about calls of the library agent/customer/announcer.h
//   uplink     owns every ZeroMQ socket                     agent/uplink/uplink.h
//   finder     keeps what can be searched                   agent/finding/finder.h
//   capture    one per [[capture]], with a call's own thread agent/live/captures.h
//   follower   reads calls that another program records     agent/live/followed_calls.h
//   inbox      gives arriving recordings to workers        agent/inbox/inboxes.h
//   http       answers the console and the API              agent/http/api.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/customer/announcer.h"
#include "agent/finding/finder.h"
#include "agent/hour/frame.h"
#include "agent/http/api.h"
#include "agent/inbox/inboxes.h"
#include "agent/journal/journal_scribe.h"
#include "agent/live/captures.h"
#include "agent/uplink/uplink.h"
#include "base/result.h"
#include "base/site.h"

namespace earful::agent {

struct AgentOptions {
  std::filesystem::path data_dir;
  uint16_t port = 7370;
  std::string region;  // for telephone numbers without a country code
  std::vector<CaptureProfile> captures;
  std::vector<InboxOptions> inboxes;
  std::optional<ApiEntrance> public_entrance;
  std::vector<std::string> book_editors;  // who may change the tag book; none: everybody
  Site site;
  HourRules hour;
};

class Agent {
 public:
  // Everything is open and every thread runs when this returns.
  static Result<std::unique_ptr<Agent>> start(const AgentOptions& options);
  ~Agent();

  // For the main thread, about once a second: keeps some room for tags and ends recording in time.
  void look_at_disk();

  // For the main thread: the scribe did something since the last look, as it does every second.
  bool is_at_work();
  // One line about how it goes, for an administrator.
  std::string status() const;

  uint16_t port() const { return api_->port(); }
  // "http://127.0.0.1:PORT/#token=..."
  std::string console_address() const;

 private:
  Agent() = default;
  Result<void> open(const AgentOptions& options);
  void notify(const Notice& notice);
  void wake_uplink();

  // The scribe runs before the page and the uplink do, and after them. What it may tell stands
  // here, under a mutex because both come and go while it tells.
  std::mutex told_mutex_;
  Api* told_page_ = nullptr;
  Finder* told_finder_ = nullptr;
  Uplink* told_uplink_ = nullptr;

  // What the stations of a site share; until this one has met its collector, its own id. A value
  // that one thread sets and another copies, hence a mutex.
  void set_site_secret(std::span<const SiteKey> keys);
  std::string site_secret();
  std::mutex secret_mutex_;
  std::string site_secret_;

  std::unique_ptr<RecordingRoom> room_;
  uint64_t turns_seen_ = 0;   // of the scribe; is_at_work()'s
  std::string disk_trouble_;  // the code last logged; look_at_disk()'s
  std::unique_ptr<JournalScribe> scribe_;
  std::unique_ptr<Announcer> announcer_;
  std::unique_ptr<Finder> finder_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<Captures> captures_;
  std::unique_ptr<Inboxes> inboxes_;
  std::unique_ptr<Api> api_;
};

// $XDG_STATE_HOME/earful/agent, /var/lib/earful/agent for who may use it, or
// ~/.local/state/earful/agent.
std::filesystem::path default_data_dir();
// Made with mode 0700 where it is missing. E_FOLDER.
Result<void> make_data_dir(const std::filesystem::path& dir);
std::filesystem::path library_dir(const std::filesystem::path& data_dir);
// Where the page's files are: beside the program, or in the installed tree.
std::filesystem::path console_dir();

}  // namespace earful::agent
