// A real server with a route of every sort, and the bytes a test sends it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>

#include "base/http_events.h"
#include "base/http_server.h"
#include "tests/base/http_client.h"

namespace earful {

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() { make({}); }

  void make(HttpServer::Options options) {
    server = std::make_unique<HttpServer>(options);
    server->route("GET", "/hello", [](const HttpRequest&, const HttpResponder& to) {
      to.send(HttpResponse::text(200, "hello"));
    });
    server->route("POST", "/echo", [](const HttpRequest& from, const HttpResponder& to) {
      to.send(HttpResponse::json(200, from.body));
    });
    server->route("GET", "/of/{id}/x", [](const HttpRequest& from, const HttpResponder& to) {
      to.send(HttpResponse::text(200, from.param("id") + from.query_value("q").value_or("")));
    });
    server->route("GET", "/later",
                  [this](const HttpRequest&, const HttpResponder& to) { later.set_value(to); });
    server->route("GET", "/events", [this](const HttpRequest& from, const HttpResponder& to) {
      events.serve(from, to);
    });
    server->route("GET", "/counters", [this](const HttpRequest&, const HttpResponder& to) {
      const auto& counters = server->counters();
      std::string text = "slow " + std::to_string(counters.too_slow);
      for (const auto& [reason, n] : counters.refusals)
        text += " " + reason + " " + std::to_string(n);
      to.send(HttpResponse::text(200, text));
    });
    server->route("GET", "/file", [this](const HttpRequest&, const HttpResponder& to) {
      HttpResponse response;
      response.file = HttpFile{file};
      to.send(std::move(response));
    });
  }
  void start() {
    const auto started = server->start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    port = server->port();
  }
  raw_http::Answer raw(std::string_view bytes) { return raw_http::send_raw(port, bytes); }
  raw_http::Answer get(std::string_view target, std::string_view headers = "") {
    return raw_http::request(port, "GET", target, headers);
  }
  std::string post_head() { return "POST /echo HTTP/1.1\r\n" + raw_http::host(port); }

  HttpEvents events{{"link"}};
  std::promise<HttpResponder> later;
  std::filesystem::path file = std::filesystem::temp_directory_path() /
                               ("earful_http_" + std::to_string(::getpid()) + ".bin");
  std::unique_ptr<HttpServer> server;
  uint16_t port = 0;
};

}  // namespace earful
