// The station's HTTP API and page (docs/api.md): everything the console does goes through here.
//
// Runs on its HttpServer's thread, with its own read-only connections to the state and its own to
// the library; what changes goes as a letter to the scribe, which must outlive this object.
// notify() is for any thread.
//
// Errors of start(): E_PORT, E_SOCKET, E_TOKEN_FILE, E_LINKS_FILE, E_DISK, E_ASSETS, those of State
// and Library.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/hour/frame.h"
#include "agent/inbox/inboxes.h"
#include "agent/journal/scribe.h"
#include "agent/live/captures.h"
#include "agent/uplink/customer_questions.h"
#include "base/http_entrance.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/site.h"

namespace earful::agent {

struct StationStats {
  uint64_t journal_rows = 0;
  uint64_t undelivered = 0;
  bool linked = false;  // a collector answers
};

// An entrance beside loopback, and who is believed there.
struct ApiEntrance {
  HttpPublicEntrance http;
  std::string identity_header;       // of the proxy's socket, in lower case
  std::string identity_name_header;  // "" for none
};

struct ApiOptions {
  uint16_t port = 7370;  // 0 takes a free one
  std::string port_flag = "--port";
  std::optional<ApiEntrance> public_entrance;
  std::filesystem::path data_dir;    // of the personal links and of the frames of hours
  std::filesystem::path token_file;  // DATA/console.token
  std::filesystem::path state_file;  // written by the scribe, which has made it already
  std::filesystem::path library_dir;
  std::filesystem::path find_file;    // written by the finder, which has made it already
  std::filesystem::path console_dir;  // the page; empty for none
  StationId station;
  // Any thread: what the stations of a site share, for the ids of listeners whom a proxy vouches
  // for.
  std::function<std::string()> site_secret;
  const Captures* captures = nullptr;  // outlives the API; null for a station that records nothing
  const Inboxes* inboxes = nullptr;    // outlives the API; null watches no folder
  Site site;
  HourRules hour_rules;
  std::vector<std::string> book_editors;  // names or ids of listeners; none: everybody
  // Any thread, must not block: the collector's desk. Null asks nobody.
  std::function<void(CustomerQuestion)> ask_customer;
  // Any thread, must not block. trouble: "" while the journal takes events, otherwise why not.
  std::function<std::string()> trouble;
  std::function<StationStats()> stats;
};

class Api {
 public:
  static Result<std::unique_ptr<Api>> start(ApiOptions options, Scribe& scribe);
  ~Api();  // ends streams and waiting requests
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  uint16_t port() const;
  const std::string& token() const;
  // Goes out to every page that is open. Never blocks.
  void notify(const Notice& notice);

 private:
  class Impl;
  explicit Api(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace earful::agent
