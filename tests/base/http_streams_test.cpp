#include <ctime>

#include "tests/base/http_fixture.h"

namespace earful {
namespace {

using namespace std::chrono_literals;
using raw_http::host;
using raw_http::RawClient;
using ::testing::HasSubstr;

// Answers without an end.
class HttpStreamsTest : public HttpServerTest {};

TEST_F(HttpStreamsTest, StreamsEventsAsTheyHappen) {
  start();
  events.publish("link", R"({"state":"up"})");
  RawClient client(port);
  client.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  EXPECT_THAT(client.read_until("\"up\""), HasSubstr("text/event-stream"));
  events.publish("tag", R"({"n":1})");
  EXPECT_THAT(client.read_until("\"n\":1"), HasSubstr("event: tag"));
}

TEST_F(HttpStreamsTest, KeepsAnIdleStreamAliveWithoutSpinning) {
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

TEST_F(HttpStreamsTest, ResumesAnEventStreamOrSaysThatItCannot) {
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

TEST_F(HttpStreamsTest, DropsAReaderThatNeverReads) {
  start();
  RawClient client(port);
  client.send("GET /events HTTP/1.1\r\n" + host(port) + "\r\n");
  client.read_until("retry");
  const std::string data = "{\"x\":\"" + std::string(8000, 'x') + "\"}";
  for (int i = 0; i < 5000 && events.dropped() == 0; ++i) events.publish("tag", data);
  EXPECT_EQ(events.dropped(), 1u);
  EXPECT_EQ(get("/hello").status, 200);
}

TEST_F(HttpStreamsTest, SurvivesAThousandStreamsOpenedAndDropped) {
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

}  // namespace
}  // namespace earful
