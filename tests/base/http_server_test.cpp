#include "base/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/http_assets.h"
#include "base/http_events.h"
#include "tests/base/http_client.h"

namespace earful {
namespace {

using namespace std::chrono_literals;
using raw_http::Answer;
using raw_http::host;
using raw_http::RawClient;
using raw_http::request;
using raw_http::send_raw;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

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
  Answer raw(std::string_view bytes) { return send_raw(port, bytes); }
  Answer get(std::string_view target, std::string_view headers = "") {
    return request(port, "GET", target, headers);
  }
  std::string post_head() { return "POST /echo HTTP/1.1\r\n" + host(port); }

  HttpEvents events{{"link"}};
  std::promise<HttpResponder> later;
  std::filesystem::path file = std::filesystem::temp_directory_path() /
                               ("earful_http_" + std::to_string(::getpid()) + ".bin");
  std::unique_ptr<HttpServer> server;
  uint16_t port = 0;
};

TEST_F(HttpServerTest, AnswersAtOnceAndKeepsTheConnection) {
  start();
  RawClient client(port);
  for (int i = 0; i < 3; ++i) {
    client.forget();
    client.send("GET /hello HTTP/1.1\r\n" + host(port) + "\r\n");
    EXPECT_THAT(client.read_until("hello"), HasSubstr(" 200 "));
  }
}

TEST_F(HttpServerTest, FillsPathParametersAndQuery) {
  start();
  EXPECT_EQ(get("/of/a-1/x?q=%C3%A9+1").body, "a-1é 1");
  EXPECT_EQ(get("/of/a-1/x?q=1&q=2").status, 400);
  EXPECT_EQ(get("/of/a-1/x?q=%00").status, 400);
  EXPECT_EQ(get("/of/a-1/x?q=%zz").status, 400);
}

TEST_F(HttpServerTest, SaysWhichMethodsAnAddressTakes) {
  start();
  EXPECT_EQ(get("/echo").status, 405);
  EXPECT_EQ(get("/echo").value("Allow"), "POST");
  EXPECT_EQ(request(port, "HEAD", "/hello").status, 200);
  EXPECT_EQ(request(port, "HEAD", "/hello").body, "");
}

TEST_F(HttpServerTest, AnswersLaterFromAnotherThread) {
  start();
  RawClient client(port);
  client.send("GET /later HTTP/1.1\r\n" + host(port) + "\r\n");
  HttpResponder responder = later.get_future().get();
  EXPECT_EQ(get("/hello").status, 200) << "the HTTP thread must not wait";
  std::thread([responder] { responder.send(HttpResponse::text(201, "late")); }).join();
  EXPECT_THAT(client.read_until("late"), HasSubstr(" 201 "));
}

TEST_F(HttpServerTest, AnswersForAHandlerThatForgotTo) {
  start();
  RawClient client(port);
  client.send("GET /later HTTP/1.1\r\n" + host(port) + "\r\n");
  { HttpResponder dropped = later.get_future().get(); }
  later = {};
  EXPECT_THAT(client.read_until("E_INTERNAL"), HasSubstr(" 500 "));
}

TEST_F(HttpServerTest, StopsWhileAnswersAndStreamsAreOpen) {
  start();
  RawClient waiting(port), stream(port);
  waiting.send("GET /later HTTP/1.1\r\n" + host(port) + "\r\n");
  HttpResponder responder = later.get_future().get();
  stream.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  stream.read_until("retry");
  server->stop();
  EXPECT_THAT(waiting.read_all(), HasSubstr(" 503 "));
  stream.read_all();
  EXPECT_TRUE(stream.closed());
  responder.send(HttpResponse::text(200, "into the void"));
}

TEST_F(HttpServerTest, TellsInOneLineThatAPortIsTaken) {
  start();
  HttpServer second({.port = port});
  const auto started = second.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message,
            "port " + std::to_string(port) + " is in use: choose another with --port");
}

TEST_F(HttpServerTest, SendsTheSecurityHeadersWithEveryAnswer) {
  start();
  for (const char* path : {"/hello", "/nowhere"}) {
    const Answer answer = get(path);
    EXPECT_THAT(answer.value("Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(answer.value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.value("Referrer-Policy"), "no-referrer");
    EXPECT_TRUE(answer.value("Permissions-Policy").starts_with("microphone=()"));
    EXPECT_EQ(answer.value("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(answer.value("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(answer.value("Cache-Control"), "no-store");
  }
}

TEST_F(HttpServerTest, RefusesWrongHostsAndLineEnds) {
  start();
  const std::string h = host(port), get = "GET /hello HTTP/1.1\r\n";
  const std::string bare = h.substr(0, h.size() - 2);
  const std::pair<const char*, std::string> cases[] = {
      {"no host", get + "\r\n"},
      {"no host, 1.0", "GET /hello HTTP/1.0\r\n\r\n"},
      {"two hosts", get + h + h + "\r\n"},
      {"bare LF everywhere", "GET /hello HTTP/1.1\n" + bare + "\n\n"},
      {"bare LF after the request line", "GET /hello HTTP/1.1\n" + h + "\r\n"},
      {"bare LF between fields", get + bare + "\nX: y\r\n\r\n"},
      {"bare LF after the last field", get + bare + "\n\r\n"},
      {"bare LF at the end", get + h + "\n"},
      {"bare CR", get + h + "X: y\rZ: 1\r\n\r\n"},
      {"NUL in a value", get + h + std::string("X: a\0b\r\n\r\n", 11)},
      {"NUL in a name", get + h + std::string("X\0: a\r\n\r\n", 9)},
      {"NUL in the target", std::string("GET /he\0llo HTTP/1.1\r\n", 22) + h + "\r\n"},
      {"NUL in the query", std::string("GET /hello?a=\0b HTTP/1.1\r\n", 26) + h + "\r\n"},
      {"folded line", get + h + "X: a\r\n b\r\n\r\n"},
      {"blank before the colon", get + h + "X : a\r\n\r\n"},
  };
  for (const auto& [name, bytes] : cases) EXPECT_EQ(raw(bytes).status, 400) << name;
}

TEST_F(HttpServerTest, TakesEveryCleanSpellingOfAHeader) {
  start();
  const std::string head = "GET /hello?a=b&c HTTP/1.1\r\n" + host(port) + "Connection: close\r\n";
  for (const char* extra : {"", "X:y\r\n", "X:   y  \r\n", "X:\r\n", "X: \r\n",
                            "Cookie: a=b; c=d\r\n", "X: y\r\nX: z\r\nY:\r\n", "X:\r\nY: 1\r\n"}) {
    EXPECT_EQ(raw(head + extra + "\r\n").status, 200) << extra;
  }
  EXPECT_EQ(raw("\r\n" + head + "\r\n").status, 200) << "an empty line before (RFC 9112, 2.2)";
}

TEST_F(HttpServerTest, RefusesAmbiguousBodies) {
  start();
  const std::string head = post_head();
  const std::pair<const char*, std::string> cases[] = {
      {"both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"negative", "Content-Length: -1\r\n\r\nabc"},
      {"two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
      {"a list", "Content-Length: 3, 3\r\n\r\nabc"},
      {"a sign", "Content-Length: +3\r\n\r\nabc"},
  };
  for (const auto& [name, rest] : cases) EXPECT_EQ(raw(head + rest).status, 400) << name;
  EXPECT_EQ(raw(head + "Content-Length: 9223372036854775808\r\n\r\nabc").status, 413);
  EXPECT_EQ(raw(head + "Content-Length: 18446744073709551616\r\n\r\nabc").status, 413);
  EXPECT_EQ(raw(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").status, 411);
  EXPECT_EQ(raw(head + "Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n").status, 411);
  EXPECT_EQ(raw(head + "Transfer-Encoding: xchunked\r\n\r\nabc").status, 411);
}

TEST_F(HttpServerTest, AnswersOnlyUnderItsOwnNames) {
  start();
  const std::string at = ":" + std::to_string(port);
  for (const std::string& name :
       {"evil.example" + at, "0.0.0.0" + at, "localhost.evil.com" + at, "[::ffff:127.0.0.1]" + at,
        std::string("127.0.0.1:1"), std::string("localhost"), std::string("")}) {
    const Answer answer = raw("GET /hello HTTP/1.1\r\nHost: " + name + "\r\n\r\n");
    EXPECT_EQ(answer.status, 421) << name;
    EXPECT_EQ(answer.body, "") << name;
  }
  for (const std::string& name : {"localhost" + at, "LOCALHOST" + at, "[::1]" + at}) {
    EXPECT_EQ(raw("GET /hello HTTP/1.1\r\nConnection: close\r\nHost: " + name + "\r\n\r\n").status,
              200);
  }
}

TEST_F(HttpServerTest, RefusesOtherOriginsAndForms) {
  start();
  const std::string own = "Origin: http://127.0.0.1:" + std::to_string(port) + "\r\n";
  EXPECT_EQ(request(port, "POST", "/echo", own, "{}").status, 200);
  EXPECT_EQ(request(port, "POST", "/echo", "Origin: null\r\n", "{}").status, 403);
  EXPECT_EQ(request(port, "POST", "/echo", "Origin: http://evil.example\r\n", "{}").status, 403);
  EXPECT_EQ(request(port, "POST", "/echo", "Origin: http://127.0.0.1:1\r\n", "{}").status, 403);
  EXPECT_EQ(request(port, "POST", "/echo", own + own, "{}").status, 403);
  EXPECT_EQ(get("/hello", "Origin: http://evil.example\r\n").status, 403);
  for (const char* type :
       {"text/plain", "application/x-www-form-urlencoded", "application/jsonx"}) {
    const std::string header = std::string("Content-Type: ") + type + "\r\n";
    EXPECT_EQ(request(port, "POST", "/echo", header, "{}").status, 415) << type;
  }
}

TEST_F(HttpServerTest, BoundsHeadersAndBodies) {
  start();
  EXPECT_EQ(get("/hello", "X: " + std::string(64 * 1024, 'x') + "\r\n").status, 431);
  EXPECT_EQ(get("/hello", "X: " + std::string(33 * 1024, 'x') + "\r\n").status, 431);
  EXPECT_EQ(get("/hello", "X: " + std::string(31 * 1024, 'x') + "\r\n").status, 200);
  std::string many;
  for (int i = 0; i < 10000; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(get("/hello", many).status, 431);
  const std::string most = "\"" + std::string(64 * 1024 - 2, 'x') + "\"";
  EXPECT_EQ(request(port, "POST", "/echo", "", most).body, most);
  EXPECT_EQ(raw(post_head() + "Content-Length: 65537\r\n\r\n").status, 413);
}

TEST_F(HttpServerTest, ClosesAClientThatSendsTooSlowly) {
  make({.request_time = 400ms});
  start();
  const auto begun = std::chrono::steady_clock::now();
  RawClient silent(port), dribbling(port);
  while (!dribbling.closed() && std::chrono::steady_clock::now() - begun < 10s) {
    dribbling.send("G");
    dribbling.read_until("never", 50ms);
  }
  EXPECT_TRUE(dribbling.closed());
  silent.read_all();
  EXPECT_TRUE(silent.closed());
  EXPECT_THAT(get("/counters").body, HasSubstr("slow 2"));
}

TEST_F(HttpServerTest, NeverLooksUpAPath) {
  start();
  for (const char* path :
       {"/..%2f..%2fetc/passwd", "/%00", "/\\..\\hello", "//", "//hello", "/%2e%2e/hello",
        "/../hello", "/hello/", "/hello%2f", "/./hello", "/of/../x", "/of/%2e/x", "/of//x"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(HttpServerTest, ServesByteRangesOfFiles) {
  std::ofstream(file) << "0123456789";
  start();
  const auto range = [&](const std::string& bytes) {
    return get("/file", "Range: bytes=" + bytes + "\r\n");
  };
  EXPECT_EQ(get("/file").body, "0123456789");
  EXPECT_EQ(range("-1").status, 416);
  EXPECT_EQ(range("-1").value("Content-Range"), "bytes */10");
  EXPECT_EQ(range("0-0").status, 206);
  EXPECT_EQ(range("0-0").body, "0");
  EXPECT_EQ(range("0-0").value("Content-Range"), "bytes 0-0/10");
  EXPECT_EQ(range("7-").body, "789");
  EXPECT_EQ(range("7-99999999999999999999").body, "789");
  EXPECT_EQ(range("9000000000000000000-").status, 416);
  std::string thousand = "0-0";
  for (int i = 1; i < 1000; ++i) thousand += ",0-0";
  EXPECT_EQ(range(thousand).status, 200);
  EXPECT_EQ(range("5-2").status, 200);
  const std::string etag = get("/file").value("ETag");
  EXPECT_EQ(get("/file", "If-None-Match: " + etag + "\r\n").status, 304);
  EXPECT_EQ(get("/file", "If-Range: \"old\"\r\nRange: bytes=0-0\r\n").status, 200);
  EXPECT_EQ(get("/file", "If-Range: " + etag + "\r\nRange: bytes=0-0\r\n").status, 206);
  std::filesystem::remove(file);
  EXPECT_EQ(get("/file").status, 404);
}

TEST_F(HttpServerTest, StreamsEventsAsTheyHappen) {
  start();
  events.publish("link", R"({"state":"up"})");
  RawClient client(port);
  client.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  EXPECT_THAT(client.read_until("\"up\""), HasSubstr("text/event-stream"));
  events.publish("tag", R"({"n":1})");
  EXPECT_THAT(client.read_until("\"n\":1"), HasSubstr("event: tag"));
}

TEST_F(HttpServerTest, KeepsAnIdleStreamAliveWithoutSpinning) {
  make({.keep_alive_time = 100ms});
  start();
  RawClient client(port);
  client.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  client.read_until("retry");
  const std::clock_t before = std::clock();
  EXPECT_THAT(client.read_until(":\n\n"), HasSubstr(":\n\n"));
  client.read_until("never", 500ms);
  EXPECT_LT(double(std::clock() - before) / CLOCKS_PER_SEC, 0.2);
}

TEST_F(HttpServerTest, ResumesAnEventStreamOrSaysThatItCannot) {
  start();
  events.publish("tag", "{\"n\":1}");
  events.publish("tag", "{\"n\":2}");
  RawClient first(port);
  first.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  first.read_until("retry");
  events.publish("tag", "{\"n\":3}");
  const std::string& seen = first.read_until("\"n\":3");
  const size_t at = seen.rfind("id: ") + 4;
  const std::string boot = seen.substr(at, seen.find('-', at) - at);
  RawClient back(port), lost(port);
  back.send("GET /events HTTP/1.1\r\n" + host(port) + "Last-Event-ID: " + boot + "-1\r\n\r\n");
  EXPECT_THAT(back.read_until("\"n\":3"), HasSubstr("\"n\":2"));
  lost.send("GET /events HTTP/1.1\r\n" + host(port) + "Last-Event-ID: zz-1\r\n\r\n");
  EXPECT_THAT(lost.read_until("begins now"), HasSubstr(": that Last-Event-ID is not known"));
}

TEST_F(HttpServerTest, DropsAReaderThatNeverReads) {
  start();
  RawClient client(port);
  client.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  client.read_until("retry");
  const std::string data = "{\"x\":\"" + std::string(8000, 'x') + "\"}";
  for (int i = 0; i < 5000 && events.dropped() == 0; ++i) events.publish("tag", data);
  EXPECT_EQ(events.dropped(), 1u);
  EXPECT_EQ(get("/hello").status, 200);
}

TEST_F(HttpServerTest, SurvivesAThousandStreamsOpenedAndDropped) {
  start();
  for (int i = 0; i < 1000; ++i) {
    RawClient client(port);
    client.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
    if (i % 2) {
      ASSERT_THAT(client.read_until("retry"), HasSubstr("retry")) << i;
    }
  }
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (events.clients() > 0 && std::chrono::steady_clock::now() < end) {
    EXPECT_EQ(get("/hello").status, 200);
  }
  EXPECT_EQ(events.clients(), 0u);
}

TEST_F(HttpServerTest, HoldsAtMostSixtyFourConnections) {
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 80; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->send("GET /hello HTTP/1.1\r\n" + host(port) + "\r\n");
  }
  for (int i = 0; i < 64; ++i)
    EXPECT_THAT(clients[size_t(i)]->read_until("hello"), HasSubstr("hello"));
  EXPECT_THAT(clients[70]->read_until("hello", 200ms), Not(HasSubstr("hello")));
  clients.erase(clients.begin(), clients.begin() + 30);
  EXPECT_THAT(clients.back()->read_until("hello"), HasSubstr("hello"));
}

TEST_F(HttpServerTest, ServesThePageFromMemory) {
  const auto dir =
      std::filesystem::temp_directory_path() / ("earful_page_" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir / "i18n");
  std::ofstream(dir / "index.html") << "<style nonce=\"__CSP_NONCE__\"></style>";
  std::ofstream(dir / "i18n" / "en.js") << "export default 1";
  std::ofstream(dir / "secret.pem") << "no";
  ASSERT_TRUE(add_asset_routes(*server, dir).ok());
  std::filesystem::remove_all(dir);
  start();
  const Answer page = get("/");
  const std::string nonce = page.body.substr(14, 32);
  EXPECT_THAT(page.value("Content-Security-Policy"), HasSubstr("'nonce-" + nonce + "'"));
  EXPECT_NE(get("/").body, page.body);
  EXPECT_EQ(get("/i18n/en.js").body, "export default 1");
  const std::string etag = get("/i18n/en.js").value("ETag");
  EXPECT_EQ(get("/i18n/en.js", "If-None-Match: " + etag + "\r\n").status, 304);
  EXPECT_EQ(get("/secret.pem").status, 404);
}

}  // namespace
}  // namespace earful
