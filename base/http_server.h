// An HTTP/1.1 server over libmicrohttpd: on the loopback interface, and where it is told so also at
// one public entrance (http_entrance.h). The station and the collector each have one.
//
// One thread of its own runs everything: libmicrohttpd's epoll set, the handlers, the streams and
// the deadlines. Other threads only post answers and wake-ups to it. Handlers must not block; an
// answer may come later from any thread (http_message.h).
//
// Limits, each answered and counted: 64 connections (256 at a public entrance), header 32 KiB
// (431), body 64 KiB (413), 10 s for a whole request and 10 s of silence while receiving or sending
// (closed). What it refuses before any handler is in http_guard.h. Every answer carries the
// security headers of http_reply.cpp.
//
// Errors of start(): E_PORT (in use, not allowed), E_SOCKET, E_HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/http_message.h"
#include "base/result.h"

namespace earful {

inline constexpr unsigned kMaxHttpConnections = 64;
// Behind a proxy they are those of all people, each with a stream of events and perhaps of sound.
inline constexpr unsigned kMaxPublicHttpConnections = 256;

class HttpServer {
 public:
  struct Options {
    uint16_t port = 0;                 // on 127.0.0.1; 0 takes a free one
    std::string port_flag = "--port";  // what a person changes when the port is taken
    std::optional<HttpPublicEntrance> public_entrance;
    std::chrono::milliseconds request_time{10000};     // for a whole request
    std::chrono::milliseconds keep_alive_time{15000};  // of silence on a stream
    // HTTP thread, at each turn of its loop: what else is to be done there in time. Gives when it
    // wants its next turn at the latest; nothing: it has no work. Must not block.
    std::function<std::optional<std::chrono::milliseconds>()> beside;
  };

  explicit HttpServer(Options options);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Before start().
  void route(std::string_view method, std::string_view pattern, HttpHandler handler);

  // Binds the port without answering yet, so that port() is known while routes are made.
  Result<void> bind();
  // Binds where that has not been done, and answers.
  Result<void> start();
  uint16_t port() const;
  // Ends streams, answers what still waits with 503, closes everything, joins the thread.
  void stop();

  // HTTP thread only (ask from a handler).
  struct Counters {
    std::map<int, uint64_t> by_status;
    std::map<std::string, uint64_t> refusals;  // by reason
    uint64_t connections = 0;                  // open now
    uint64_t too_slow = 0;                     // closed for it
  };
  const Counters& counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace earful
