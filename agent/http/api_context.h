// What the routes of the API share. HTTP thread only, except where a member says so: the library
// and the state are this thread's own connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/finding/find_index.h"
#include "agent/hour/planner.h"
#include "agent/http/listening_drafts.h"
#include "agent/http/sessions.h"
#include "agent/inbox/inboxes.h"
#include "agent/journal/scribe.h"
#include "agent/live/captures.h"
#include "agent/state/state.h"
#include "agent/uplink/customer_questions.h"
#include "base/http_server.h"
#include "base/site.h"
#include "recorder/library/library.h"

namespace earful::agent {

struct ApiCounters {  // any thread
  std::atomic<uint64_t> tags_saved{0};
  std::atomic<uint64_t> tags_repeated{0};
  std::atomic<uint64_t> not_saved{0};
  std::atomic<uint64_t> live_readers{0};        // now
  std::atomic<uint64_t> live_readers_moved{0};  // to the edge, because they did not read
};

struct ApiContext {
  Scribe& scribe;  // outlives the API
  Sessions sessions;
  State state;
  recorder::Library library;
  FindIndex find_index;
  ListenerId api_listener;  // who acts when a program sends the token without a session
  // Listeners we define ourselves, the last name we gave each, and whether that was saved.
  struct KnownListener {
    std::string name;
    std::shared_ptr<std::atomic<bool>> defined;
  };
  std::map<ListenerId, KnownListener> known_listeners;
  const Captures* captures = nullptr;  // outlives the API; null records nothing
  const Inboxes* inboxes = nullptr;    // outlives the API; null watches no folder
  Site site;
  HourRules hour_rules;
  std::filesystem::path frames_dir;       // frames of hours that were drawn here
  std::vector<std::string> book_editors;  // names or ids of listeners; none: everybody
  std::function<void(CustomerQuestion)> ask_customer;
  ListeningDrafts drafts;
  std::unique_ptr<HourPlanner> planner;
  // Shared with answers that come after the API is gone.
  std::shared_ptr<ApiCounters> counters = std::make_shared<ApiCounters>();
};

// Each file adds its own routes; the context outlives the server's thread.
void add_session_routes(HttpServer& server, ApiContext& context);
void add_call_routes(HttpServer& server, ApiContext& context);
void add_customer_routes(HttpServer& server, ApiContext& context);
void add_filter_routes(HttpServer& server, ApiContext& context);
void add_export_routes(HttpServer& server, ApiContext& context);
void add_capture_routes(HttpServer& server, ApiContext& context);
void add_live_routes(HttpServer& server, ApiContext& context);
void add_inbox_routes(HttpServer& server, ApiContext& context);
void add_tag_routes(HttpServer& server, ApiContext& context);
void add_tag_read_routes(HttpServer& server, ApiContext& context);
void add_listening_routes(HttpServer& server, ApiContext& context);
void add_listener_routes(HttpServer& server, ApiContext& context);
void add_tagbook_routes(HttpServer& server, ApiContext& context);
void add_book_routes(HttpServer& server, ApiContext& context);
void add_hour_routes(HttpServer& server, ApiContext& context);
void add_cadence_routes(HttpServer& server, ApiContext& context);
void add_thanks_routes(HttpServer& server, ApiContext& context);
void add_mine_routes(HttpServer& server, ApiContext& context);
void add_reminder_routes(HttpServer& server, ApiContext& context);

// The call the path names. E_NO_CALL.
Result<recorder::Call> call_in_path(ApiContext& context, const HttpRequest& request);

// Defines a listener that is vouched for, where the state has no such id or another name for it.
void know_listener(ApiContext& context, const ListenerView& listener);
// The one it was merged into, or itself.
ListenerView root_of(ApiContext& context, const ListenerView& listener);

// The listener who acts in this request. E_WHO where the session has none yet.
Result<ListenerView> acting_listener(ApiContext& context, const Caller& caller);

// Who may change the tag book and merge listeners. E_EDITOR, E_WHO.
Result<ListenerView> acting_editor(ApiContext& context, const Caller& caller);
// The same without acting: nothing is defined by asking.
bool may_edit_book(ApiContext& context, const Caller& caller);
bool may_merge_listeners(ApiContext& context, const Caller& caller);

// A new event, stamped now.
Event new_event();

}  // namespace earful::agent
