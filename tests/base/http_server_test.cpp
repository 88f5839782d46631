#include <filesystem>
#include <fstream>
#include <thread>

#include "base/http_assets.h"
#include "tests/base/http_fixture.h"

namespace earful {
namespace {

using namespace std::chrono_literals;
using raw_http::Answer;
using raw_http::host;
using raw_http::RawClient;
using raw_http::request;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(HttpServerTest, GivesWorkBesideItItsTurnsAlsoWhenNobodyAsks) {
  std::promise<void> third;
  int turns = 0;
  make({.beside = [&]() -> std::optional<std::chrono::milliseconds> {
    if (++turns == 3) third.set_value();
    return turns < 3 ? std::optional(1ms) : std::nullopt;
  }});
  start();
  EXPECT_EQ(get("/hello").status, 200);
  EXPECT_EQ(third.get_future().wait_for(10s), std::future_status::ready);
  server->stop();  // it uses what stands here
}

TEST_F(HttpServerTest, ServesThePageFromMemory) {
  const auto dir =
      std::filesystem::temp_directory_path() / ("earful_page_" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir / "i18n");
  std::ofstream(dir / "index.html") << "<style nonce=\"__CSP_NONCE__\"></style>";
  std::ofstream(dir / "i18n" / "en.js") << "export default 1";
  std::ofstream(dir / "secret.pem") << "no";
  ASSERT_TRUE(add_asset_routes(*server, dir, {"/things/{id}"}).ok());
  std::filesystem::remove_all(dir);
  start();
  EXPECT_THAT(get("/things/12").body, HasSubstr("<style"));
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
