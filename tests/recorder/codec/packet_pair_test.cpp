#include "recorder/codec/packet_pair.h"

#include <gtest/gtest.h>

#include <vector>

namespace earful::recorder {
namespace {

// Packets of every shape RFC 6716 section 3.2 knows, without a decoder's opinion on their contents.
const std::vector<std::string> kPackets = {
    std::string("\x08", 1),                             // one empty frame
    std::string("\x08") + std::string(10, 'a'),         // one frame
    std::string("\x08") + std::string(251, 'a'),        // the longest with a one-byte length
    std::string("\x08") + std::string(252, 'a'),        // the shortest with two
    std::string("\x08") + std::string(1275, 'a'),       // the longest there is
    std::string("\x09") + std::string(20, 'b'),         // two equal frames
    std::string("\x0a\x05") + std::string(5 + 9, 'c'),  // two frames, the first of 5
    std::string("\x0b\x03") + std::string(30, 'd'),     // three equal frames
    std::string("\x0b\x83\x04\x05") + std::string(4 + 5 + 6, 'e'),  // three frames of 4, 5 and 6
    std::string("\x0b\x42\x03", 3) + std::string(12, 'f') + std::string(3, '\0'),  // with padding
};

TEST(PacketPair, JoinsAndSplitsPacketsOfEveryShape) {
  for (const std::string& first : kPackets) {
    for (const std::string& second : kPackets) {
      std::string joined;
      ASSERT_TRUE(join_packets(first, second, joined));
      const auto pair = split_packets(joined);
      ASSERT_TRUE(pair.has_value());
      EXPECT_EQ(pair->first, first);
      EXPECT_EQ(pair->second, second);
    }
  }
}

TEST(PacketPair, AppendsNothingForWhatIsNoPacket) {
  std::string joined = "kept";
  EXPECT_FALSE(join_packets("", "\x08", joined));
  EXPECT_FALSE(join_packets("\x08", "", joined));
  EXPECT_FALSE(
      join_packets("\x09"
                   "abc",
                   "\x08", joined));
  EXPECT_EQ(joined, "kept");
}

TEST(PacketPair, SplitsNothingThatIsCutOrDamaged) {
  std::string joined;
  ASSERT_TRUE(join_packets(kPackets[8], kPackets[1], joined));
  const size_t first = joined.size() - kPackets[1].size();
  for (size_t length = 0; length <= first; ++length) {
    EXPECT_FALSE(split_packets(std::string_view(joined).substr(0, length)).has_value()) << length;
  }
  EXPECT_FALSE(split_packets(std::string("\x0b\x31\x01\x01", 4)).has_value()) << "49 frames";
  EXPECT_FALSE(split_packets(std::string("\x0b\x00\x01\x01", 4)).has_value()) << "no frame";
  EXPECT_FALSE(split_packets(std::string("\x0b\x41") + std::string(50, '\xff')).has_value())
      << "padding";
}

}  // namespace
}  // namespace earful::recorder
