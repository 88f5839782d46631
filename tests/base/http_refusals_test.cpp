#include "tests/base/http_fixture.h"

namespace earful {
namespace {

using namespace std::chrono_literals;
using raw_http::Answer;
using raw_http::host;
using raw_http::RawClient;
using raw_http::request;
using ::testing::HasSubstr;

// What no handler ever sees.
class HttpRefusalsTest : public HttpServerTest {};

TEST_F(HttpRefusalsTest, RefusesWrongHostsAndLineEnds) {
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

TEST_F(HttpRefusalsTest, TakesEveryCleanSpellingOfAHeader) {
  start();
  const std::string head = "GET /hello?a=b&c HTTP/1.1\r\n" + host(port) + "Connection: close\r\n";
  for (const char* extra : {"", "X:y\r\n", "X:   y  \r\n", "X:\r\n", "X: \r\n",
                            "Cookie: a=b; c=d\r\n", "X: y\r\nX: z\r\nY:\r\n", "X:\r\nY: 1\r\n"}) {
    EXPECT_EQ(raw(head + extra + "\r\n").status, 200) << extra;
  }
  EXPECT_EQ(raw("\r\n" + head + "\r\n").status, 200) << "an empty line before (RFC 9112, 2.2)";
}

TEST_F(HttpRefusalsTest, RefusesAmbiguousBodies) {
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

TEST_F(HttpRefusalsTest, AnswersOnlyUnderItsOwnNames) {
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

TEST_F(HttpRefusalsTest, RefusesOtherOriginsAndForms) {
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

TEST_F(HttpRefusalsTest, BoundsHeadersAndBodies) {
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

TEST_F(HttpRefusalsTest, ClosesAClientThatSendsTooSlowly) {
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

TEST_F(HttpRefusalsTest, NeverLooksUpAPath) {
  start();
  for (const char* path :
       {"/..%2f..%2fetc/passwd", "/%00", "/\\..\\hello", "//", "//hello", "/%2e%2e/hello",
        "/../hello", "/hello/", "/hello%2f", "/./hello", "/of/../x", "/of/%2e/x", "/of//x"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

}  // namespace
}  // namespace earful
