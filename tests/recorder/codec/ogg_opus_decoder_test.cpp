#include "recorder/codec/ogg_opus_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/recorder/codec/ogg_maker.h"

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kTenPages = 48000 - kPreSkip;  // what a good file of ten pages plays

void expect_played(const std::string& file, int64_t samples, const char* warning) {
  const Decoded done = decoded(file);
  ASSERT_TRUE(done.result.ok()) << done.result.error().message;
  EXPECT_EQ(done.samples(), samples);
  EXPECT_TRUE(done.sink.warned(warning))
      << warning << "; " << testing::PrintToString(done.sink.warnings);
}

void expect_refused(const std::string& file, const char* code, const char* said) {
  const Decoded done = decoded(file);
  ASSERT_FALSE(done.result.ok());
  EXPECT_EQ(done.result.error().code, code);
  EXPECT_THAT(done.result.error().message, HasSubstr(said));
}

TEST(OggOpusDecoder, PlaysAGoodFileExactly) {
  const Decoded done = decoded(joined(tone_pages(10)));
  ASSERT_TRUE(done.result.ok());
  EXPECT_EQ(done.samples(), kTenPages);
  EXPECT_THAT(done.sink.warnings, IsEmpty());
  EXPECT_THAT(done.sink.formats, ElementsAre(PcmFormat{8000, 1}));
}

TEST(OggOpusDecoder, EndsWhereTheLastPageSays) {
  auto pages = tone_pages(9);
  const auto packets = tone_packets(5);
  pages.back() = page({.granule = 9 * 4800 - 600, .sequence = 10, .flags = 4}, packets);
  const Decoded done = decoded(joined(pages));
  EXPECT_EQ(done.samples(), 9 * 4800 - 600 - kPreSkip);
  EXPECT_THAT(done.sink.warnings, IsEmpty());
}

TEST(OggOpusDecoder, AllowsAStreamThatStartsLate) {
  auto pages = tone_pages(2);
  const auto packets = tone_packets(10);
  pages[2] = page({.granule = 1'000'000, .sequence = 2}, {packets.begin(), packets.begin() + 5});
  pages[3] =
      page({.granule = 1'004'800, .sequence = 3, .flags = 4}, {packets.begin() + 5, packets.end()});
  const Decoded done = decoded(joined(pages));
  EXPECT_EQ(done.samples(), 9600 - kPreSkip);
  EXPECT_THAT(done.sink.warnings, IsEmpty());
}

TEST(OggOpusDecoder, RefusesWhatHoldsNoOpus) {
  expect_refused("", "E_CODEC", "no Opus stream");
  expect_refused(std::string(100'000, 'x'), "E_CODEC", "no Opus stream");
  expect_refused(page({.flags = 2}, {"\x01vorbis"}), "E_CODEC", "no Opus stream");
}

TEST(OggOpusDecoder, FillsAPageWithAWrongChecksumWithSilenceOfItsLength) {
  auto pages = tone_pages(10);
  pages[5].back() = char(pages[5].back() ^ 1);
  expect_played(joined(pages), kTenPages,
                "damage at 0.300 s: 4800 samples at 48 kHz (0.100 s) are lost");
}
TEST(OggOpusDecoder, FillsAPageOfAnotherVersion) {
  auto pages = tone_pages(10);
  const auto packets = tone_packets(5);
  pages[5] = page({.granule = 4 * 4800, .sequence = 5, .version = 1}, packets);
  expect_played(joined(pages), kTenPages, "4800 samples");
}
TEST(OggOpusDecoder, FillsAJumpInThePageNumbers) {
  auto pages = tone_pages(10);
  pages.erase(pages.begin() + 5, pages.begin() + 8);
  expect_played(joined(pages), kTenPages, "14400 samples");
}
TEST(OggOpusDecoder, TakesARepeatedPageOnce) {
  auto pages = tone_pages(10);
  pages.insert(pages.begin() + 5, pages[4]);
  EXPECT_EQ(decoded(joined(pages)).samples(), kTenPages);
}

TEST(OggOpusDecoder, DropsAPacketWithoutABeginning) {
  auto pages = tone_pages(10);
  auto packets = tone_packets(5);
  pages[5] = page({.granule = 4 * 4800, .sequence = 5, .flags = 1}, packets);
  const Decoded done = decoded(joined(pages));
  ASSERT_TRUE(done.result.ok());
  EXPECT_TRUE(done.sink.warned("1 packets without a beginning"));
}
TEST(OggOpusDecoder, DropsAPacketThatNeverEndsAndHoldsNoneOfIt) {
  auto pages = tone_pages(3);
  for (uint32_t n = 0; n < 40; ++n) {
    pages.push_back(raw_page({-1, 5 + n, 7, n ? 1 : 0, 0}, std::string(255, '\xff'),
                             std::string(255 * 255, 'z')));
  }
  pages[4] = page({.granule = 3 * 4800, .sequence = 4}, tone_packets(5));  // not the last one
  const Decoded done = decoded(joined(pages));
  ASSERT_TRUE(done.result.ok());
  EXPECT_EQ(done.samples(), 3 * 4800 - kPreSkip);
  EXPECT_TRUE(done.sink.warned("1 packets without a beginning or an end"));
}

TEST(OggOpusDecoder, RefusesHeadersByField) {
  const auto with = [](size_t at, int value) {
    std::string head = encode_opus_head(tone_head());
    head[at] = char(value);
    auto pages = tone_pages(1);
    pages[0] = page({.flags = 2}, {head});
    return joined(pages);
  };
  expect_refused(with(8, 0x20), "E_HEADER", "version is 32");
  expect_refused(with(9, 0), "E_HEADER", "channel count is 0");
  expect_refused(with(9, 255), "E_HEADER", "channel count is 255");
  expect_refused(with(18, 255), "E_HEADER", "mapping family is 255");
  expect_refused(with(18, 1), "E_HEADER", "its length is 19");
  OpusHead late = tone_head();
  late.pre_skip = 20'000;
  expect_refused(joined(tone_pages(2, 7, late)), "E_HEADER", "pre-skip is 20000, longer than");
  late.pre_skip = 60'000;
  expect_refused(joined(tone_pages(2, 7, late)), "E_HEADER", "pre-skip is 60000");
}

TEST(OggOpusDecoder, IgnoresAGainThatWouldHurt) {
  const auto loudest = [](int gain_q8, bool warned) {
    OpusHead head = tone_head();
    head.gain_q8 = gain_q8;
    const Decoded done = decoded(joined(tone_pages(10, 7, head)));
    EXPECT_EQ(done.sink.warned("gain"), warned);
    return *std::max_element(done.sink.pcm.begin(), done.sink.pcm.end());
  };
  const int plain = loudest(0, false);
  EXPECT_EQ(loudest(32767, true), plain);
  EXPECT_EQ(loudest(-32768, true), plain);
  EXPECT_NEAR(loudest(6 * 256, false), plain * 2, plain * 0.02);
}

TEST(OggOpusDecoder, PlaysBehindCommentsThatLieAboutTheirLength) {
  auto pages = tone_pages(10);
  pages[1] = page({.sequence = 1}, {"OpusTags" + std::string(4, '\xff')});
  EXPECT_EQ(decoded(joined(pages)).samples(), kTenPages);
}
TEST(OggOpusDecoder, PlaysBehindCommentsOfManyPages) {
  auto pages = tone_pages(10);
  std::vector<std::string> with = {pages[0]};
  for (uint32_t n = 0; n < 30; ++n) {
    const std::string body = (n ? "" : "OpusTags") + std::string(255 * 255 - (n ? 0 : 8), 'c');
    with.push_back(raw_page({n < 29 ? -1 : 0, 1 + n, 7, n ? 1 : 0, 0},
                            std::string(254, '\xff') + (n < 29 ? '\xff' : '\x10'),
                            n < 29 ? body : body.substr(0, 254 * 255 + 16)));
  }
  const auto packets = tone_packets(5);
  with.push_back(page({.granule = 4800, .sequence = 31, .flags = 4}, packets));
  EXPECT_EQ(decoded(joined(with)).samples(), 4800 - kPreSkip);
}

TEST(OggOpusDecoder, CountsSamplesItselfWherePageTimesLie) {
  for (const int64_t lie : {int64_t(-1), int64_t(100), INT64_MAX - 5}) {
    auto pages = tone_pages(10);
    const auto packets = tone_packets(50);
    pages[5] = page({.granule = lie, .sequence = 5}, {packets.begin() + 15, packets.begin() + 20});
    expect_played(joined(pages), kTenPages, "page times contradict");
  }
}

TEST(OggOpusDecoder, ReadsTheFirstOfTwoStreams) {
  const auto one = tone_pages(10, 7);
  const auto two = tone_pages(10, 8);
  std::vector<std::string> both = {one[0], two[0]};
  for (size_t n = 1; n < one.size(); ++n) {
    both.push_back(one[n]);
    both.push_back(two[n]);
  }
  expect_played(joined(both), kTenPages, "other streams");
}
TEST(OggOpusDecoder, JoinsChainedRecordingsUpTo64) {
  std::string file;
  for (uint32_t n = 0; n < 3; ++n) file += joined(tone_pages(10, n));
  expect_played(file, 3 * kTenPages, "3 recordings in this file were joined");
  file.clear();
  for (uint32_t n = 0; n < 1000; ++n) file += joined(tone_pages(1, n));
  expect_played(file, 64 * (4800 - kPreSkip), "only the first 64");
}

TEST(OggOpusDecoder, EndsBeforeAChainedRecordingItCannotJoin) {
  OpusHead stereo = tone_head();
  stereo.channels = 2;
  auto other = tone_pages(2, 8, stereo);
  expect_played(joined(tone_pages(10)) + joined(other), kTenPages, "recording 2 in this file");
  other[0] = page({.serial = 8, .flags = 2}, {"OpusHead"});
  expect_played(joined(tone_pages(10)) + joined(other), kTenPages, "recording 2 in this file");
}
TEST(OggOpusDecoder, TellsAHoleWhoseLengthCannotBeTold) {
  auto pages = tone_pages(10);
  const auto packets = tone_packets(50);
  pages.erase(pages.begin() + 5);
  pages[5] = page({.granule = -1, .sequence = 6}, {packets.begin() + 20, packets.begin() + 25});
  expect_played(joined(pages), kTenPages - 4800, "how much is missing cannot be told");
}

TEST(OggOpusDecoder, ConcealsPacketsThatCannotBeDecoded) {
  const std::vector<std::string> all_bad = {
      std::string("\x0b\x30", 2) + std::string(10, 'x'),  // 48 frames
      std::string("\x0b\x41\xff\xff", 4),                 // padding past the end
      std::string(),
  };
  for (const std::string& bad : all_bad) {
    auto pages = tone_pages(10);
    auto packets = tone_packets(50);
    packets[17] = bad;
    pages[5] =
        page({.granule = 4 * 4800, .sequence = 5}, {packets.begin() + 15, packets.begin() + 20});
    expect_played(joined(pages), kTenPages, "1 packets could not be decoded");
  }
}

TEST(OggOpusDecoder, KeepsAFileThatIsCutInAPage) {
  const std::string file = joined(tone_pages(10));
  const auto last = tone_pages(10).back().size();
  expect_played(file.substr(0, file.size() - last / 2), 9 * 4800 - kPreSkip,
                "cut short at 0.900 s");
}
TEST(OggOpusDecoder, PassesOverZerosAtTheEndAndInTheMiddle) {
  expect_played(joined(tone_pages(10)) + std::string(65536, '\0'), kTenPages,
                "65536 bytes were no Ogg page");
  auto pages = tone_pages(10);
  pages[5] = std::string(pages[5].size(), '\0');
  expect_played(joined(pages), kTenPages, "4800 samples");
}

TEST(OggOpusDecoder, RefusesHeadersWithoutAudio) {
  auto pages = tone_pages(1);
  pages.pop_back();
  expect_refused(joined(pages), "E_EMPTY", "no audio");
}

// Every cut and a flip in every header byte: an answer, never a crash.
TEST(OggOpusDecoder, SurvivesEveryCutAndEveryFlippedByte) {
  const std::string file = joined(tone_pages(1));
  for (size_t length = 0; length < file.size(); length += 3) (void)decoded(file.substr(0, length));
  for (size_t at = 0; at < file.size(); ++at) {
    std::string broken = file;
    broken[at] = char(broken[at] ^ 0x55);
    (void)decoded(broken);
  }
}

}  // namespace
}  // namespace earful::recorder
