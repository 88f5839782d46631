#include "proto/delivery.h"

#include <gtest/gtest.h>

#include "proto/feed.h"

namespace earful {
namespace {

TEST(Delivery, MessagesComeBackAsTheyWent) {
  Hello hello;
  hello.station_id.bytes[0] = 1;
  hello.attempt = 7;
  hello.last_seq = 9;
  hello.chain_at_last.fill(3);
  hello.versions = {kProtocolVersion};
  const auto back = decode_station_message(encode(StationMessage(hello)));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(std::get<Hello>(*back).chain_at_last, hello.chain_at_last);
  EXPECT_EQ(std::get<Hello>(*back).versions, hello.versions);

  Welcome welcome;
  welcome.have_seq = 3;
  welcome.site_keys = {{1, std::string(32, 'k')}};
  const auto answer = decode_collector_message(encode(CollectorMessage(welcome)));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(std::get<Welcome>(*answer).site_keys, welcome.site_keys);
}

TEST(Delivery, RefusesAChainOfAnotherLength) {
  // hello { station_id: 16 bytes, journal_id: 16 bytes, chain_at_last: 1 byte }
  std::string hello =
      "\x0a\x10" + std::string(16, 'a') + "\x12\x10" + std::string(16, 'b') + "\x32\x01x";
  const std::string raw = "\x0a" + std::string(1, char(hello.size())) + hello;
  EXPECT_EQ(decode_station_message(raw).error().code, "E_DECODE");
}

TEST(Delivery, RefusesAnEmptyMessage) {
  EXPECT_FALSE(decode_station_message("").ok());
  EXPECT_FALSE(decode_collector_message("").ok());
}

TEST(Delivery, ChainsDependOnOrder) {
  const Digest a = generichash("a"), b = generichash("b");
  EXPECT_NE(next_chain(next_chain({}, a), b), next_chain(next_chain({}, b), a));
}

TEST(FeedPosition, IsReadOnlyFromItsOwnText) {
  EXPECT_EQ(parse_position("3:14"), (FeedPosition{3, 14}));
  for (const char* bad : {"", "3", ":", "3:", "3:x", "-1:2", "3:4 ", "99999999999999999999:1"}) {
    EXPECT_FALSE(parse_position(bad)) << bad;
  }
}

TEST(Record, PrintsQuarantineWithItsBytes) {
  Record record;
  record.quarantine = "E_DECODE";
  record.raw = "\xff";
  const std::string line = record_json(record);
  EXPECT_NE(line.find("\"quarantine\":\"E_DECODE\""), std::string::npos);
  EXPECT_NE(line.find("\"raw\":\"ff\""), std::string::npos);
}

}  // namespace
}  // namespace earful
