#include "collector/http/event_stream.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "collector/store/store.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

class EventStreamTest : public testing::Test {
 protected:
  EventStreamTest()
      : store_(*Store::open(folder_.path() / "store.db")),
        reader_(*StoreReader::open(folder_.path() / "store.db")) {}

  void deliver(int count) {
    for (int i = 0; i < count; ++i) {
      station_.tag();
      const NewRow row{{station_.id, station_.journal}, station_.rows.size(), station_.rows.back()};
      ASSERT_TRUE(store_.append(std::vector{row}, kNoon).ok());
    }
  }
  // Lines until it ends or waits.
  long lines(const StreamRequest& request, HttpPull last) {
    EventStream stream(reader_, request);
    std::string out;
    HttpPull pulled = HttpPull::kMore;
    while (pulled == HttpPull::kMore) pulled = stream.pull(out);
    EXPECT_EQ(pulled, last);
    EXPECT_EQ(stream.pull(out), last);
    return std::count(out.begin(), out.end(), '\n');
  }
  std::string code(HttpFields query) {
    HttpRequest request;
    request.query = std::move(query);
    const auto parsed = parse_stream_request(request);
    return parsed.ok() ? "" : parsed.error().code;
  }

  TemporaryFolder folder_;
  Store store_;
  StoreReader reader_;
  FakeStation station_;
};

TEST_F(EventStreamTest, PrintsEverythingAndEnds) {
  deliver(150);
  EXPECT_EQ(lines({}, HttpPull::kEnd), 150);
}

TEST_F(EventStreamTest, StopsAtTheLimit) {
  deliver(150);
  EXPECT_EQ(lines({.limit = 100}, HttpPull::kEnd), 100);
  EXPECT_EQ(lines({.limit = 100, .follow = true}, HttpPull::kEnd), 100);
}

TEST_F(EventStreamTest, WaitsForMoreWhenItFollows) {
  deliver(3);
  EXPECT_EQ(lines({.after = {store_.epoch(), 1}, .follow = true}, HttpPull::kWait), 2);
}

TEST_F(EventStreamTest, TellsWhichParameterIsWrong) {
  EXPECT_EQ(code({{"after", "1:2"}, {"limit", "5"}, {"follow", "1"}}), "");
  EXPECT_EQ(code({{"after", "1"}}), "E_PARAMETER");
  EXPECT_EQ(code({{"limit", "0"}}), "E_PARAMETER");
  EXPECT_EQ(code({{"limit", "-1"}}), "E_PARAMETER");
  EXPECT_EQ(code({{"follow", "yes"}}), "E_PARAMETER");
}

}  // namespace
}  // namespace earful::collector
