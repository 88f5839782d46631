#include "base/http_server.h"

#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <set>
#include <thread>

#include "base/check.h"
#include "base/http_exchange.h"
#include "base/http_gate.h"
#include "base/http_guard.h"
#include "base/http_head.h"
#include "base/http_reply.h"
#include "base/http_router.h"
#include "base/log.h"

namespace earful {
namespace {

using Clock = std::chrono::steady_clock;
using ExchangePtr = std::shared_ptr<HttpExchange>;

// A connection's memory in libmicrohttpd: our header limit, its table of fields, and room to
// answer.
constexpr size_t kConnectionMemoryBytes = 48 * 1024;
// A client that has stopped reading its answer, and one that says nothing between two requests.
constexpr unsigned kSilenceSeconds = 10;
// A paused player stops reading in the middle of a file.
constexpr unsigned kFileSilenceSeconds = 120;
// Room in the socket for a stream.
constexpr int kStreamSocketBytes = 64 * 1024;
// Nothing older than TLS 1.2, which browsers refuse as well.
constexpr const char* kTlsPriorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
// How often deadlines are looked at while there are connections.
constexpr std::chrono::milliseconds kTick{250};

size_t leave_escaped(void*, MHD_Connection*, char* text) { return std::strlen(text); }

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)) {}

  Result<void> bind();
  Result<void> start();
  void stop();

  HttpRouter router;
  uint16_t port = 0;
  Counters counters;

 private:
  // A way in, with a daemon of libmicrohttpd and an epoll set of its own.
  struct Gate : HttpGate {
    Gate(HttpGate bound, Impl* of) : HttpGate(std::move(bound)), impl(of) {}
    Impl* const impl;
    MHD_Daemon* daemon = nullptr;  // from then on the listener is its own
    int epoll_fd = -1;
  };

  // A connection, and since when it owes us a whole request (nothing while we owe it an answer).
  struct Peer {
    int fd = -1;
    std::optional<Clock::time_point> receiving_since;
    std::chrono::milliseconds allowance{};
  };

  static void* on_target(void* gate, const char* target, MHD_Connection* connection);
  static MHD_Result on_request(void* gate, MHD_Connection* connection, const char* url,
                               const char* method, const char* version, const char* upload,
                               size_t* upload_size, void** context);
  static void on_completed(void* gate, MHD_Connection* connection, void** context,
                           MHD_RequestTerminationCode code);
  static void on_connection(void* gate, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code);

  static Result<void> open(Gate& gate);
  void run();
  void run_gates();
  void wait();
  void resume(HttpExchange& exchange);
  void look_at_deadlines();
  void dispatch(const ExchangePtr& exchange);
  MHD_Result reply(const ExchangePtr& exchange, HttpResponse response);
  MHD_Result answer_or_suspend(const ExchangePtr& exchange);
  static Peer& peer_of(MHD_Connection* connection);

  const Options options_;
  std::deque<Gate> gates_;  // in place: libmicrohttpd holds pointers to them
  std::shared_ptr<HttpMailbox> mailbox_ = std::make_shared<HttpMailbox>();
  std::set<ExchangePtr> exchanges_;  // all that libmicrohttpd knows of
  std::set<Peer*> peers_;
  std::optional<std::chrono::milliseconds> beside_wants_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Result<void> HttpServer::Impl::bind() {
  if (!gates_.empty()) return {};
  EARFUL_ASSIGN(HttpGate loopback, bind_loopback_gate(options_.port, options_.port_flag));
  port = loopback.port;
  gates_.emplace_back(std::move(loopback), this);
  if (!options_.public_entrance) return {};
  EARFUL_ASSIGN(HttpGate beside, bind_public_gate(*options_.public_entrance));
  gates_.emplace_back(std::move(beside), this);
  return {};
}

// libmicrohttpd runs inside our own loop (MHD_USE_EPOLL without its thread), so that it, the
// streams and the deadlines share one thread and need no lock. From here on it owns the listener.
Result<void> HttpServer::Impl::open(Gate& gate) {
  std::vector<MHD_OptionItem> tls;
  if (gate.tls) {
    tls = {{MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(gate.tls->certificate.c_str())},
           {MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(gate.tls->key.c_str())},
           {MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(kTlsPriorities)}};
  }
  tls.push_back({MHD_OPTION_END, 0, nullptr});
  gate.daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (gate.tls ? unsigned(MHD_USE_TLS) : 0u), 0,
      nullptr, nullptr, &Impl::on_request, &gate, MHD_OPTION_LISTEN_SOCKET, gate.listener,
      MHD_OPTION_CONNECTION_LIMIT, gate.connections, MHD_OPTION_CONNECTION_TIMEOUT, kSilenceSeconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemoryBytes, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_UNESCAPE_CALLBACK, &leave_escaped, nullptr,
      MHD_OPTION_URI_LOG_CALLBACK, &Impl::on_target, &gate, MHD_OPTION_NOTIFY_COMPLETED,
      &Impl::on_completed, &gate, MHD_OPTION_NOTIFY_CONNECTION, &Impl::on_connection, &gate,
      MHD_OPTION_ARRAY, tls.data(), MHD_OPTION_END);
  if (!gate.daemon) return Error{"E_HTTP", "start the HTTP server: libmicrohttpd refused"};
  const MHD_DaemonInfo* info = MHD_get_daemon_info(gate.daemon, MHD_DAEMON_INFO_EPOLL_FD);
  EARFUL_CHECK(info != nullptr);
  gate.epoll_fd = info->epoll_fd;
  return {};
}

Result<void> HttpServer::Impl::start() {
  EARFUL_CHECK(!thread_.joinable());
  EARFUL_TRY(bind());
  for (Gate& gate : gates_) EARFUL_TRY(open(gate));
  thread_ = std::thread([this] { run(); });
  return {};
}

void HttpServer::Impl::stop() {
  if (thread_.joinable()) {
    stopping_ = true;
    mailbox_->wake();
    thread_.join();
  } else {
    for (const Gate& gate : gates_) {
      gate.daemon ? MHD_stop_daemon(gate.daemon) : void(::close(gate.listener));
    }
  }
  gates_.clear();
}

void HttpServer::Impl::run() {
  pthread_setname_np(pthread_self(), "http");
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (!stopping_) {
    wait();
    for (const ExchangePtr& exchange : mailbox_->take()) resume(*exchange);
    run_gates();
    look_at_deadlines();
    if (options_.beside) beside_wants_ = options_.beside();
  }
  // Stopping with a suspended connection would abort: resume them all, let them end, then stop.
  for (int round = 0; round < 3; ++round) {
    for (const ExchangePtr& exchange : exchanges_) resume(*exchange);
    run_gates();
  }
  for (const ExchangePtr& exchange : exchanges_) resume(*exchange);
  for (const Gate& gate : gates_) MHD_stop_daemon(gate.daemon);
  mailbox_->close();
}

void HttpServer::Impl::run_gates() {
  for (const Gate& gate : gates_) MHD_run(gate.daemon);
}

void HttpServer::Impl::wait() {
  std::vector<pollfd> fds = {{mailbox_->fd(), POLLIN, 0}};
  for (const Gate& gate : gates_) fds.push_back({gate.epoll_fd, POLLIN, 0});
  const size_t first_stream = fds.size();
  std::vector<HttpExchange*> streams;
  // libmicrohttpd does not watch a suspended connection, so nobody would see its peer leave.
  for (const ExchangePtr& exchange : exchanges_) {
    if (!exchange->suspended || !exchange->stream) continue;
    fds.push_back({peer_of(exchange->connection).fd, POLLRDHUP, 0});
    streams.push_back(exchange.get());
  }
  int timeout = peers_.empty() ? -1 : int(kTick.count());
  for (const Gate& gate : gates_) {
    MHD_UNSIGNED_LONG_LONG wanted = 0;
    if (MHD_get_timeout(gate.daemon, &wanted) != MHD_YES) continue;
    timeout = timeout < 0 ? int(std::min<uint64_t>(wanted, 60000))
                          : int(std::min<uint64_t>(wanted, uint64_t(timeout)));
  }
  if (beside_wants_) {
    const int wanted = int(std::clamp<int64_t>(beside_wants_->count(), 0, 60000));
    timeout = timeout < 0 ? wanted : std::min(timeout, wanted);
  }
  if (::poll(fds.data(), fds.size(), timeout) <= 0) return;
  for (size_t i = 0; i < streams.size(); ++i) {
    if (!(fds[first_stream + i].revents & (POLLRDHUP | POLLHUP | POLLERR))) continue;
    streams[i]->dead_peer = true;
    resume(*streams[i]);
  }
}

void HttpServer::Impl::resume(HttpExchange& exchange) {
  if (!exchange.suspended || !exchange.connection) return;
  exchange.suspended = false;
  MHD_resume_connection(exchange.connection);
}

void HttpServer::Impl::look_at_deadlines() {
  const Clock::time_point now = Clock::now();
  for (Peer* peer : peers_) {
    if (!peer->receiving_since || now - *peer->receiving_since < peer->allowance) continue;
    peer->receiving_since.reset();
    ++counters.too_slow;
    ::shutdown(peer->fd, SHUT_RDWR);  // libmicrohttpd sees the end and closes
  }
  for (const ExchangePtr& exchange : exchanges_) {
    if (!exchange->suspended || !exchange->stream || exchange->stream->keep_alive.empty()) continue;
    if (now - exchange->suspended_at < options_.keep_alive_time) continue;
    exchange->owes_keep_alive = true;
    resume(*exchange);
  }
}

HttpServer::Impl::Peer& HttpServer::Impl::peer_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  EARFUL_CHECK(info != nullptr && info->socket_context != nullptr);
  return *static_cast<Peer*>(info->socket_context);
}

void HttpServer::Impl::on_connection(void* gate, MHD_Connection* connection, void** context,
                                     MHD_ConnectionNotificationCode code) {
  Impl& impl = *static_cast<Gate*>(gate)->impl;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    EARFUL_CHECK(info != nullptr);
    auto peer = std::make_unique<Peer>();
    peer->fd = info->connect_fd;
    peer->receiving_since = Clock::now();
    peer->allowance = impl.options_.request_time;
    impl.peers_.insert(peer.get());
    *context = peer.release();
  } else if (*context) {
    const std::unique_ptr<Peer> peer(static_cast<Peer*>(*context));
    impl.peers_.erase(peer.get());
    *context = nullptr;
  }
  impl.counters.connections = impl.peers_.size();
}

void* HttpServer::Impl::on_target(void* gate, const char* target, MHD_Connection* connection) {
  Impl& impl = *static_cast<Gate*>(gate)->impl;
  auto exchange = std::make_shared<HttpExchange>(impl.mailbox_);
  exchange->target = target;
  exchange->target_in_buffer = target;
  exchange->connection = connection;
  exchange->request.entrance = static_cast<Gate*>(gate)->entrance;
  impl.exchanges_.insert(exchange);
  return exchange.get();
}

void HttpServer::Impl::on_completed(void* gate, MHD_Connection* connection, void** context,
                                    MHD_RequestTerminationCode) {
  Impl& impl = *static_cast<Gate*>(gate)->impl;
  if (!*context) return;
  const ExchangePtr exchange = static_cast<HttpExchange*>(*context)->shared_from_this();
  *context = nullptr;
  exchange->connection = nullptr;
  impl.exchanges_.erase(exchange);
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, kSilenceSeconds);
  Peer& peer = peer_of(connection);
  peer.receiving_since = Clock::now();
  // The silence before the next request is libmicrohttpd's to end; its length is not the request's.
  peer.allowance = impl.options_.request_time + std::chrono::seconds(kSilenceSeconds);
}

MHD_Result HttpServer::Impl::on_request(void* gate, MHD_Connection*, const char*,
                                        const char* method, const char* version, const char* upload,
                                        size_t* upload_size, void** context) {
  Impl& impl = *static_cast<Gate*>(gate)->impl;
  EARFUL_CHECK(*context != nullptr);
  const ExchangePtr exchange = static_cast<HttpExchange*>(*context)->shared_from_this();
  if (!exchange->seen) {
    exchange->seen = true;
    if (auto refused = read_head(*exchange, method, version, static_cast<Gate*>(gate)->names)) {
      ++impl.counters.refusals[refused->reason];
      return impl.reply(exchange, std::move(refused->response));
    }
    return MHD_YES;
  }
  if (*upload_size > 0) {
    // The header has promised no more than this; libmicrohttpd holds the body to it.
    EARFUL_CHECK(exchange->request.body.size() + *upload_size <= kMaxHttpBodyBytes);
    exchange->request.body.append(upload, *upload_size);
    *upload_size = 0;
    return MHD_YES;
  }
  if (!exchange->dispatched) {
    exchange->dispatched = true;
    peer_of(exchange->connection).receiving_since.reset();
    impl.dispatch(exchange);
  }
  return impl.answer_or_suspend(exchange);
}

void HttpServer::Impl::dispatch(const ExchangePtr& exchange) {
  const HttpResponder responder(exchange);
  HttpRequest& request = exchange->request;
  HttpRouter::Match match = router.match(request.method, request.path);
  if (match.handler) {
    request.params = std::move(match.params);
    (*match.handler)(request, responder);
    return;
  }
  if (match.allow.empty()) {
    responder.send(HttpResponse::error(404, "E_PATH", "There is nothing at this address."));
    return;
  }
  HttpResponse response =
      HttpResponse::error(405, "E_METHOD", "This address takes " + match.allow + ".");
  response.headers.emplace_back("Allow", match.allow);
  responder.send(std::move(response));
}

MHD_Result HttpServer::Impl::answer_or_suspend(const ExchangePtr& exchange) {
  if (auto response = exchange->take_answer_or_wait()) {
    return reply(exchange, std::move(*response));
  }
  if (stopping_) {
    return reply(exchange,
                 HttpResponse::error(503, "E_STOPPING",
                                     "The server is stopping; ask again when it is back."));
  }
  exchange->suspended = true;
  exchange->suspended_at = Clock::now();
  MHD_suspend_connection(exchange->connection);
  return MHD_YES;
}

MHD_Result HttpServer::Impl::reply(const ExchangePtr& exchange, HttpResponse response) {
  if (stopping_) response.close = true;
  const bool file = response.file.has_value();
  if (response.stream) {
    // What the kernel holds for a reader that does not read comes on top of our own queue.
    ::setsockopt(peer_of(exchange->connection).fd, SOL_SOCKET, SO_SNDBUF, &kStreamSocketBytes,
                 sizeof kStreamSocketBytes);
  }
  const HttpReply made = make_reply(exchange, std::move(response));
  if (file) {
    MHD_set_connection_option(exchange->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                              kFileSilenceSeconds);
  }
  exchange->status = made.status;
  ++counters.by_status[made.status];
  const MHD_Result queued =
      MHD_queue_response(exchange->connection, unsigned(made.status), made.response);
  MHD_destroy_response(made.response);
  return queued;
}

HttpServer::HttpServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpServer::~HttpServer() { impl_->stop(); }

void HttpServer::route(std::string_view method, std::string_view pattern, HttpHandler handler) {
  impl_->router.add(method, pattern, std::move(handler));
}

Result<void> HttpServer::bind() { return impl_->bind(); }
Result<void> HttpServer::start() { return impl_->start(); }
uint16_t HttpServer::port() const { return impl_->port; }
void HttpServer::stop() { impl_->stop(); }
const HttpServer::Counters& HttpServer::counters() const { return impl_->counters; }

}  // namespace earful
