#include "recorder/source/wav_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/recorder/source/wav_maker.h"

namespace earful::recorder {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kSound(800, 'x');  // 0.025 s of two legs at 8 kHz

std::string fmt(const Fmt& fields = {}) { return chunk("fmt ", fmt_body(fields)); }

void expect_refused(const std::string& file, const char* code, const char* said) {
  const auto walked = walk(file);
  ASSERT_FALSE(walked.ok()) << said;
  EXPECT_EQ(walked.error().code, code) << walked.error().message;
  EXPECT_THAT(walked.error().message, HasSubstr(said));
  EXPECT_EQ(walked.error().message.find('\n'), std::string::npos);
}

void expect_salvaged(const std::string& file, int64_t data_bytes, const char* warning) {
  const auto walked = walk(file);
  ASSERT_TRUE(walked.ok()) << walked.error().message;
  EXPECT_EQ(walked->data_bytes, data_bytes);
  EXPECT_THAT(walked->warnings, testing::Contains(HasSubstr(warning)));
}

TEST(WavHeader, ReadsAPlainFile) {
  const auto walked = walk(wav({}, kSound));
  ASSERT_TRUE(walked.ok());
  EXPECT_EQ(walked->channels, 2);
  EXPECT_EQ(walked->rate_hz, 8000);
  EXPECT_EQ(walked->bits, 16);
  EXPECT_EQ(walked->data_offset, 44);
  EXPECT_EQ(walked->data_bytes, 800);
  EXPECT_THAT(walked->warnings, IsEmpty());
}

TEST(WavHeader, RefusesAnEmptyFile) { expect_refused("", "E_EMPTY", "empty"); }
TEST(WavHeader, RefusesFourBytes) { expect_refused("RIFF", "E_SHORT", "4 bytes"); }
TEST(WavHeader, RefusesAHeaderWithoutSamples) {
  expect_refused(wav({}, ""), "E_EMPTY", "no samples");
  expect_refused(riff(fmt()), "E_EMPTY", "no data chunk");
}

TEST(WavHeader, UsesTheFilesOwnLengthWhereTheHeaderGivesNone) {
  for (const uint32_t claim : {0u, 0xffffffffu}) {
    expect_salvaged(riff(fmt() + chunk("data", kSound, 0xffffffff), "RIFF", claim), 800,
                    "no length");
    expect_salvaged(riff(fmt() + chunk("data", kSound, 0), "RIFF", claim), 800, "no length");
  }
  expect_salvaged(riff(fmt() + chunk("data", kSound, 0x7ffff000), "RIFF", 0x7ffff024), 800,
                  "no length");
}

TEST(WavHeader, KeepsATruncatedFileToItsEndAndSaysTheSeconds) {
  const std::string file = riff(fmt() + chunk("data", std::string(32000, 'x'), 64000));
  expect_salvaged(file, 32000, "truncated: the header promises 2.0 s, the file holds 1.0 s");
  expect_salvaged(file.substr(0, 44 + 4001), 4000, "truncated");
}

TEST(WavHeader, RefusesAFileWithoutAFormat) {
  expect_refused(riff(chunk("data", kSound)), "E_SHORT", "no format chunk");
}
TEST(WavHeader, FindsAFormatBehindTheData) {
  const auto walked = walk(riff(chunk("data", kSound) + fmt()));
  ASSERT_TRUE(walked.ok());
  EXPECT_EQ(walked->data_bytes, 800);
  EXPECT_EQ(walked->data_offset, 20);
}
TEST(WavHeader, RefusesTwoFormats) {
  expect_refused(riff(fmt() + fmt() + chunk("data", kSound)), "E_HEADER", "two format chunks");
}
TEST(WavHeader, ReadsTheFirstOfTwoDataChunks) {
  expect_salvaged(riff(fmt() + chunk("data", kSound) + chunk("data", "yyyy")), 800, "second data");
}

TEST(WavHeader, RefusesFieldsOutOfRangeByName) {
  const auto refused = [](const Fmt& fields, const char* said) {
    expect_refused(wav(fields, kSound), "E_HEADER", said);
  };
  refused({.channels = 0, .align = 4}, "channel count is 0");
  refused({.channels = 65535, .align = 4}, "channel count is 65535");
  refused({.channels = 6}, "channel count is 6");
  refused({.rate = 0}, "sample rate is 0");
  refused({.rate = 4000000000u}, "sample rate is 4000000000");
  for (const uint16_t bits : {uint16_t(0), uint16_t(12), uint16_t(33)}) {
    refused({.bits = bits, .align = 4}, "bits per sample is");
  }
  refused({.align = 3}, "block alignment is 3");
  refused({.tag = 3, .bits = 16}, "bits per sample is 16");
  refused({.tag = 7, .bits = 16}, "bits per sample is 16");
}

TEST(WavHeader, RefusesAdpcmWhateverItClaims) {
  for (const uint16_t tag : {uint16_t(0x02), uint16_t(0x11)}) {
    const std::string body = fmt_body({.tag = tag, .bits = 4, .align = 50000}) + little(50000, 2);
    expect_refused(riff(chunk("fmt ", body) + chunk("data", kSound)), "E_CODEC", "ADPCM");
  }
  expect_refused(wav({.tag = 0x55, .bits = 0, .align = 1}, kSound), "E_CODEC", "MP3 in WAV");
  expect_refused(wav({.tag = 0x1234}, kSound), "E_CODEC", "0x1234");
}

std::string extensible(uint16_t tag, const std::string& tail) {
  return fmt_body({.tag = 0xfffe}) + little(22, 2) + little(16, 2) + little(3, 4) + little(tag, 2) +
         tail;
}
const std::string kGuidTail("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 14);

TEST(WavHeader, ReadsExtensiblePcmAndRefusesAnUnknownGuid) {
  EXPECT_TRUE(walk(riff(chunk("fmt ", extensible(1, kGuidTail)) + chunk("data", kSound))).ok());
  expect_refused(riff(chunk("fmt ", extensible(1, std::string(14, 'z'))) + chunk("data", kSound)),
                 "E_CODEC", "unknown GUID");
  expect_refused(riff(chunk("fmt ", extensible(2, kGuidTail)) + chunk("data", kSound)), "E_CODEC",
                 "ADPCM");
}
TEST(WavHeader, BelievesTheFileMoreThanRf64Sizes) {
  const auto rf64 = [](uint64_t data_bytes) {
    const std::string sizes = little(0, 8) + little(data_bytes, 8) + little(0, 8) + little(0, 4);
    return riff(chunk("ds64", sizes) + fmt() + chunk("data", kSound, 0xffffffff), "RF64",
                0xffffffff);
  };
  EXPECT_EQ(walk(rf64(800))->data_bytes, 800);
  EXPECT_THAT(walk(rf64(800))->warnings, IsEmpty());
  expect_salvaged(rf64(uint64_t(1) << 62), 800, "truncated");
}

TEST(WavHeader, FindsTheDataBehindAChunkThatClaimsTooMuch) {
  expect_salvaged(riff(fmt() + chunk("LIST", "abcd", 0xfffffff0) + chunk("data", kSound)), 800,
                  "\"LIST\" runs past the end");
}
TEST(WavHeader, ForgivesAMissingPadByte) {
  std::string odd = chunk("LIST", "abc");
  odd.pop_back();
  expect_salvaged(riff(fmt() + odd + chunk("data", kSound)), 800, "no pad byte");
  EXPECT_TRUE(walk(riff(fmt() + chunk("LIST", "abc") + chunk("data", kSound))).ok());
}
TEST(WavHeader, GivesUpOnTooManyChunksAtOnce) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += chunk("JUNK", "");
  const auto began = std::chrono::steady_clock::now();
  expect_refused(riff(many + fmt() + chunk("data", kSound)), "E_CHUNKS", "1024 chunks");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(100));
}

TEST(WavHeader, RefusesOtherRiffFiles) {
  expect_refused("RIFF" + little(16, 4) + "AVI LIST" + std::string(8, 'x'), "E_CODEC", "AVI");
}

// Every prefix and every flipped byte of a good file: an answer, never a crash.
TEST(WavHeader, SurvivesEveryCutAndEveryFlippedByte) {
  const std::string file = riff(fmt() + chunk("LIST", "abc") + chunk("data", kSound));
  for (size_t length = 0; length < 100; ++length) (void)walk(file.substr(0, length)).ok();
  for (size_t at = 0; at < 100; ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string broken = file;
      broken[at] = char(broken[at] ^ flip);
      const auto walked = walk(broken);
      if (!walked) continue;
      EXPECT_LE(walked->data_offset + walked->data_bytes, int64_t(file.size()));
    }
  }
}

}  // namespace
}  // namespace earful::recorder
