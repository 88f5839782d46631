#include "agent/http/api.h"

#include "agent/http/access_token.h"
#include "agent/http/api_context.h"
#include "agent/http/metrics.h"
#include "base/hash.h"
#include "base/http_assets.h"
#include "base/http_events.h"

namespace earful::agent {
namespace {

// The same on every start, and another on every station.
ListenerId api_listener_of(const StationId& station) {
  return {make_uuid_v8(view(generichash("earful listener api " + std::string(station.raw()))))};
}

// For who is on this machine: counters, and what is wrong with it.
HttpHandler on_loopback_only(HttpHandler handler) {
  return
      [handler = std::move(handler)](const HttpRequest& request, const HttpResponder& responder) {
        if (request.entrance == HttpEntrance::kLoopback) return handler(request, responder);
        responder.send(HttpResponse::error(404, "E_PATH", "There is nothing at this address."));
      };
}

}  // namespace

using Clock = std::chrono::steady_clock;

class Api::Impl {
 public:
  Impl(ApiOptions options, std::string token)
      : options_(std::move(options)),
        token_(std::move(token)),
        server_({.port = options_.port,
                 .port_flag = options_.port_flag,
                 .public_entrance = options_.public_entrance
                                        ? std::optional(options_.public_entrance->http)
                                        : std::nullopt,
                 .beside = [this] { return context_->drafts.look(Clock::now()); }}) {}
  ~Impl();

  Result<void> start(Scribe& scribe);
  uint16_t port() const { return server_.port(); }
  const std::string& token() const { return token_; }
  void notify(const Notice& notice) { events_.publish(notice.type, notice.data); }

 private:
  Result<void> admit_vouched();
  void add_station_routes();
  HttpResponse readiness();
  std::string metrics();
  void add_live_metrics(MetricsText& out);
  void add_inbox_metrics(MetricsText& out) const;

  const ApiOptions options_;
  const std::string token_;
  // What the link and the store last said is what a page needs first.
  HttpEvents events_{{"link", "delivered"}};
  std::unique_ptr<ApiContext> context_;
  HttpServer server_;  // last: its thread uses everything above
};

Result<void> Api::Impl::start(Scribe& scribe) {
  EARFUL_TRY(server_.bind());
  EARFUL_ASSIGN(State state, State::open(options_.state_file, true));
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(options_.library_dir));
  EARFUL_ASSIGN(FindIndex find_index, FindIndex::open(options_.find_file, true));
  EARFUL_ASSIGN(const uint64_t have_seq, state.have_seq());
  events_.publish("delivered", "{\"seq\":" + std::to_string(have_seq) + "}");
  auto planner =
      std::make_unique<HourPlanner>(HourPlanner::Options{.state_file = options_.state_file,
                                                         .library_dir = options_.library_dir,
                                                         .frames_dir = options_.data_dir / "frames",
                                                         .calendar = options_.site.calendar,
                                                         .rules = options_.hour_rules});
  context_ =
      std::make_unique<ApiContext>(ApiContext{.scribe = scribe,
                                              .sessions = Sessions(token_, server_.port()),
                                              .state = std::move(state),
                                              .library = std::move(library),
                                              .find_index = std::move(find_index),
                                              .api_listener = api_listener_of(options_.station),
                                              .known_listeners = {},
                                              .captures = options_.captures,
                                              .inboxes = options_.inboxes,
                                              .site = options_.site,
                                              .hour_rules = options_.hour_rules,
                                              .frames_dir = options_.data_dir / "frames",
                                              .book_editors = options_.book_editors,
                                              .ask_customer = options_.ask_customer,
                                              .drafts = ListeningDrafts([&scribe](Event event) {
                                                // Where it is refused, the scribe has said why.
                                                scribe.append(std::move(event), [](const auto&) {});
                                              }),
                                              .planner = std::move(planner)});
  EARFUL_TRY(admit_vouched());
  add_session_routes(server_, *context_);
  add_call_routes(server_, *context_);
  add_customer_routes(server_, *context_);
  add_filter_routes(server_, *context_);
  add_export_routes(server_, *context_);
  add_live_routes(server_, *context_);
  add_capture_routes(server_, *context_);
  add_inbox_routes(server_, *context_);
  add_tag_routes(server_, *context_);
  add_tag_read_routes(server_, *context_);
  add_listening_routes(server_, *context_);
  add_listener_routes(server_, *context_);
  add_tagbook_routes(server_, *context_);
  add_book_routes(server_, *context_);
  add_hour_routes(server_, *context_);
  add_cadence_routes(server_, *context_);
  add_thanks_routes(server_, *context_);
  add_mine_routes(server_, *context_);
  add_reminder_routes(server_, *context_);
  add_station_routes();
  if (!options_.console_dir.empty()) {
    EARFUL_TRY(add_asset_routes(server_, options_.console_dir, {"/calls/{call_id}"}));
  }
  return server_.start();
}

// What pages have told so far was heard, also if they are gone when the station is back.
Api::Impl::~Impl() {
  server_.stop();
  if (context_) context_->drafts.save_all();
}

// Who is let in at the entrance beside loopback.
Result<void> Api::Impl::admit_vouched() {
  if (!options_.public_entrance) return {};
  const ApiEntrance& entrance = *options_.public_entrance;
  if (std::holds_alternative<HttpProxySocket>(entrance.http.way)) {
    context_->sessions.proxy.emplace(
        ProxyIdentity::Options{.header = entrance.identity_header,
                               .name_header = entrance.identity_name_header,
                               .key = options_.site_secret});
  } else {
    EARFUL_TRY(read_links(options_.data_dir));  // a damaged file is said now, not to a guest
    context_->sessions.links =
        std::make_unique<LinkSessions>(options_.data_dir, token_, entrance.http.origin.port);
  }
  context_->sessions.on_vouched = [this](const ListenerView& listener) {
    know_listener(*context_, listener);
    return root_of(*context_, listener);
  };
  return {};
}

void Api::Impl::add_station_routes() {
  server_.route("GET", "/api/v1/events",
                guarded(context_->sessions, [this](const HttpRequest& request, const Caller& caller,
                                                   const HttpResponder& responder) {
                  events_.serve(request, responder, caller.may_stay);
                }));
  server_.route("GET", "/healthz", [](const HttpRequest&, const HttpResponder& responder) {
    responder.send(HttpResponse::text(200, "alive\n"));
  });
  server_.route("GET", "/readyz",
                on_loopback_only([this](const HttpRequest&, const HttpResponder& responder) {
                  responder.send(readiness());
                }));
  server_.route("GET", "/metrics",
                on_loopback_only([this](const HttpRequest&, const HttpResponder& responder) {
                  HttpResponse response = HttpResponse::text(200, metrics());
                  response.content_type = "text/plain; version=0.0.4";
                  responder.send(std::move(response));
                }));
}

HttpResponse Api::Impl::readiness() {
  const std::string trouble = options_.trouble ? options_.trouble() : "";
  return trouble.empty() ? HttpResponse::text(200, "ready\n")
                         : HttpResponse::text(503, trouble + "\n");
}

std::string Api::Impl::metrics() {
  const HttpServer::Counters& http = server_.counters();
  const StationStats stats = options_.stats ? options_.stats() : StationStats{};
  MetricsText out;
  out.name("http_responses_total", "counter", "Answers by status.");
  for (const auto& [status, count] : http.by_status) {
    out.value(count, "status", std::to_string(status));
  }
  out.name("http_refusals_total", "counter", "Requests refused before their handler, by reason.");
  for (const auto& [reason, count] : http.refusals) out.value(count, "reason", reason);
  out.name("http_too_slow_total", "counter",
           "Connections closed because the request took too long.");
  out.value(http.too_slow);
  out.name("http_connections", "gauge", "Open connections.");
  out.value(http.connections);
  out.name("event_streams", "gauge", "Pages that follow the events.");
  out.value(events_.clients());
  out.name("event_streams_dropped_total", "counter", "Pages dropped because they did not read.");
  out.value(events_.dropped());
  out.name("tags_saved_total", "counter", "Tags, revisions and retractions made durable.");
  out.value(context_->counters->tags_saved);
  out.name("tags_repeated_total", "counter", "Requests for what was saved already.");
  out.value(context_->counters->tags_repeated);
  out.name("tags_not_saved_total", "counter", "Requests the disk refused.");
  out.value(context_->counters->not_saved);
  add_live_metrics(out);
  add_inbox_metrics(out);
  out.name("journal_rows", "gauge", "Rows in the journal.");
  out.value(stats.journal_rows);
  out.name("undelivered_rows", "gauge", "Rows the collector has not confirmed.");
  out.value(stats.undelivered);
  out.name("collector_linked", "gauge", "1 while a collector answers.");
  out.value(stats.linked ? 1 : 0);
  return out.text();
}

void Api::Impl::add_live_metrics(MetricsText& out) {
  if (!options_.captures) return;
  std::map<std::string_view, uint64_t> states;
  for (const CaptureView& view : options_.captures->views()) ++states[name_of(view.state)];
  const CaptureCounters& counters = options_.captures->counters();
  out.name("captures", "gauge", "Captures by state.");
  for (const auto& [state, count] : states) out.value(count, "state", state);
  out.name("live_calls_total", "counter", "Calls that were begun.");
  out.value(counters.started);
  out.name("captures_failed_total", "counter", "Starts and calls that failed.");
  out.value(counters.failed);
  out.name("audio_gaps_total", "counter", "Stretches of live calls that are missing.");
  out.value(counters.gaps);
  out.name("audio_gaps_own_total", "counter", "Of these, lost by this station.");
  out.value(counters.own_gaps);
  out.name("live_readers", "gauge", "Listeners to calls that go on.");
  out.value(context_->counters->live_readers);
  out.name("live_readers_moved_total", "counter",
           "Times a listener did not read and was moved to the live edge.");
  out.value(context_->counters->live_readers_moved);
}

void Api::Impl::add_inbox_metrics(MetricsText& out) const {
  if (!options_.inboxes) return;
  const InboxCounters counters = options_.inboxes->counters();
  out.name("inbox_waiting", "gauge", "Recordings in inboxes that are not taken in yet.");
  out.value(counters.waiting);
  out.name("inbox_taken_total", "counter", "Recordings taken in from inboxes.");
  out.value(counters.taken);
  out.name("inbox_refused_total", "counter", "Recordings in inboxes that could not be read.");
  out.value(counters.refused);
  out.name("inbox_scans_total", "counter", "Times a whole inbox was looked through.");
  out.value(counters.scans);
  out.name("inbox_workers_died_total", "counter", "Processes that died over a recording.");
  out.value(counters.workers_died);
}

Result<std::unique_ptr<Api>> Api::start(ApiOptions options, Scribe& scribe) {
  EARFUL_ASSIGN(std::string token, load_or_make_token(options.token_file));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(token));
  EARFUL_TRY(impl->start(scribe));
  return std::unique_ptr<Api>(new Api(std::move(impl)));
}

Api::Api(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Api::~Api() = default;

uint16_t Api::port() const { return impl_->port(); }
const std::string& Api::token() const { return impl_->token(); }
void Api::notify(const Notice& notice) { impl_->notify(notice); }

}  // namespace earful::agent
