#include "agent/agent.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "agent/uplink/identity.h"
#include "base/log.h"
#include "recorder/library/repair.h"

namespace earful::agent {
namespace {

constexpr const char* kServiceDataDir = "/var/lib/earful/agent";

}  // namespace

Result<std::unique_ptr<Agent>> Agent::start(const AgentOptions& options) {
  std::unique_ptr<Agent> agent(new Agent);
  EARFUL_TRY(agent->open(options));
  return agent;
}

Result<void> Agent::open(const AgentOptions& options) {
  EARFUL_TRY(make_data_dir(options.data_dir));
  const NoticeSink notices = [this](const Notice& notice) { notify(notice); };
  room_ = std::make_unique<RecordingRoom>(options.data_dir, notices);
  // First: on a full disk, opening the databases wants what is held back.
  look_at_disk();
  EARFUL_ASSIGN(const Identity identity, load_identity(options.data_dir));
  site_secret_ = identity.station_id.raw();
  set_site_secret(identity.site_keys);
  // Made here once, so that every thread finds it.
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(library_dir(options.data_dir)));
  // Before anybody asks for them; an import or a recording beside us keeps its own.
  EARFUL_TRY(recorder::repair_live_calls(library));
  EARFUL_ASSIGN(scribe_, JournalScribe::start({.data_dir = options.data_dir,
                                               .station = identity.station_id,
                                               .notify = notices,
                                               .on_head = [this] { wake_uplink(); },
                                               .make_room = [this] { return room_->give_up(); }}));
  const auto state_file = options.data_dir / "state.db";
  announcer_ = std::make_unique<Announcer>(
      Announcer::Options{.journal = [this] { return scribe_->head().id; },
                         .library_dir = library_dir(options.data_dir),
                         .state_file = state_file,
                         .region = options.region,
                         .notify = notices},
      *scribe_);
  const auto find_file = options.data_dir / "find.db";
  EARFUL_ASSIGN(finder_, Finder::start({.index = find_file,
                                        .library_dir = library_dir(options.data_dir),
                                        .state = state_file}));
  {
    const std::lock_guard lock(told_mutex_);
    told_finder_ = finder_.get();
  }
  uplink_ =
      std::make_unique<Uplink>(Uplink::Options{.data_dir = options.data_dir,
                                               .notify = notices,
                                               .on_site_keys =
                                                   [this](std::vector<SiteKey> keys) {
                                                     set_site_secret(keys);
                                                     announcer_->set_site_keys(std::move(keys));
                                                   }},
                               *scribe_);
  captures_ =
      std::make_unique<Captures>(Captures::Options{.library_dir = library_dir(options.data_dir),
                                                   .profiles = options.captures,
                                                   .notify = notices,
                                                   .room = room_.get()});
  EARFUL_ASSIGN(inboxes_,
                Inboxes::start(
                    {.data_dir = options.data_dir, .inboxes = options.inboxes, .notify = notices}));
  EARFUL_ASSIGN(
      api_,
      Api::start(
          {.port = options.port,
           .port_flag = "--port",
           .public_entrance = options.public_entrance,
           .data_dir = options.data_dir,
           .token_file = options.data_dir / "console.token",
           .state_file = state_file,
           .library_dir = library_dir(options.data_dir),
           .find_file = find_file,
           .console_dir = console_dir(),
           .station = identity.station_id,
           .site_secret = [this] { return site_secret(); },
           .captures = captures_.get(),
           .inboxes = inboxes_.get(),
           .site = options.site,
           .hour_rules = options.hour,
           .book_editors = options.book_editors,
           .ask_customer = [this](CustomerQuestion question) { uplink_->ask(std::move(question)); },
           .trouble = [this] { return scribe_->trouble(); },
           .stats =
               [this] {
                 return StationStats{.journal_rows = scribe_->head().last_seq,
                                     .undelivered = uplink_->undelivered(),
                                     .linked = uplink_->link() == Uplink::Link::kUp};
               }},
          *scribe_));
  const std::lock_guard lock(told_mutex_);
  told_page_ = api_.get();
  told_uplink_ = uplink_.get();
  return {};
}

Agent::~Agent() {
  {
    const std::lock_guard lock(told_mutex_);
    told_page_ = nullptr;
    told_uplink_ = nullptr;
    told_finder_ = nullptr;
  }
  api_.reset();
  captures_.reset();
  inboxes_.reset();
  uplink_.reset();
  finder_.reset();
  announcer_.reset();
  scribe_.reset();
}

void Agent::look_at_disk() {
  const auto room = room_->look();
  const std::string trouble = room.ok() ? "" : room.error().code;
  if (trouble != disk_trouble_ && !room.ok()) {
    log_warn("record nothing", {{"error", room.error().message}});
  }
  disk_trouble_ = trouble;
  if (trouble == "E_DISK_FULL" && captures_) captures_->end_for_want_of_room();
}

bool Agent::is_at_work() {
  const uint64_t turns = scribe_->turns();
  return std::exchange(turns_seen_, turns) != turns;
}

std::string Agent::status() const {
  if (const std::string trouble = scribe_->trouble(); !trouble.empty()) return trouble;
  if (!disk_trouble_.empty()) return "the disk is full: nothing is recorded, tags are saved";
  const std::string waiting = std::to_string(uplink_->undelivered()) + " events not yet delivered";
  switch (uplink_->link()) {
    case Uplink::Link::kNone:
      return "no collector joined";
    case Uplink::Link::kDown:
      return "collector away, " + waiting;
    case Uplink::Link::kUp:
      return uplink_->undelivered() == 0 ? "all delivered" : waiting;
  }
  return "";
}

void Agent::notify(const Notice& notice) {
  const std::lock_guard lock(told_mutex_);
  if (told_page_) told_page_->notify(notice);
  if (told_finder_) told_finder_->notify(notice);
}

void Agent::wake_uplink() {
  const std::lock_guard lock(told_mutex_);
  if (told_uplink_) told_uplink_->wake();
}

void Agent::set_site_secret(std::span<const SiteKey> keys) {
  // The oldest stays when others are added, so that ids made from it stay.
  const auto oldest =
      std::min_element(keys.begin(), keys.end(),
                       [](const SiteKey& a, const SiteKey& b) { return a.version < b.version; });
  const std::lock_guard lock(secret_mutex_);
  if (oldest != keys.end()) site_secret_ = oldest->key;
}

std::string Agent::site_secret() {
  const std::lock_guard lock(secret_mutex_);
  return site_secret_;
}

std::string Agent::console_address() const {
  return "http://127.0.0.1:" + std::to_string(api_->port()) + "/#token=" + api_->token();
}

std::filesystem::path default_data_dir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) {
    return std::filesystem::path(state) / "earful" / "agent";
  }
  // Of the system's service, for who may use it: its user, and root.
  if (::access(kServiceDataDir, R_OK | W_OK | X_OK) == 0) return kServiceDataDir;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home ? home : ".") / ".local" / "state" / "earful" / "agent";
}

Result<void> make_data_dir(const std::filesystem::path& dir) {
  std::error_code fault;
  if (std::filesystem::is_directory(dir, fault)) return {};
  std::filesystem::create_directories(dir.parent_path(), fault);
  if (::mkdir(dir.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Error{"E_FOLDER", "making the folder " + dir.string() + ": " + std::strerror(errno) +
                               "; choose another with --data"};
}

std::filesystem::path library_dir(const std::filesystem::path& data_dir) {
  return data_dir / "library";
}

std::filesystem::path console_dir() {
  std::error_code fault;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", fault).parent_path();
  const auto beside = program / "share" / "earful" / "console";
  if (std::filesystem::is_directory(beside, fault)) return beside;
  return program.parent_path() / "share" / "earful" / "console";
}

}  // namespace earful::agent
