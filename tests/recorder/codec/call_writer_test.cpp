#include "recorder/codec/call_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "recorder/codec/call_reader.h"
#include "recorder/frame/framer.h"
#include "tests/recorder/codec/ogg_maker.h"

namespace earful::recorder {
namespace {

using testing::IsEmpty;

struct Written {
  std::string file;
  Peaks peaks;
};

// A 440 Hz tone on the agent's leg, 1,000 Hz on the customer's.
std::vector<int16_t> tones(int rate, int legs, size_t count) {
  std::vector<int16_t> out;
  for (size_t i = 0; i < count; ++i) {
    out.push_back(int16_t(8000 * std::sin(2 * M_PI * 440 * double(i) / rate)));
    if (legs == 2) out.push_back(int16_t(4000 * std::sin(2 * M_PI * 1000 * double(i) / rate)));
  }
  return out;
}

Written written(int rate, int legs, size_t count) {
  Written done;
  CallWriter writer =
      CallWriter::make(rate, legs, {}, 1, [&](std::string_view bytes) -> Result<void> {
        done.file += bytes;
        return {};
      }).value();
  Framer framer(rate, legs, false, [&](const Frame& frame) { return writer.write(frame); });
  EXPECT_TRUE(framer.push(tones(rate, legs, count)).ok());
  EXPECT_TRUE(framer.finish().ok());
  EXPECT_TRUE(writer.finish().ok());
  done.peaks = writer.peaks();
  return done;
}

TEST(CallWriter, PlaysAsManySamplesAsWereKept) {
  for (const int rate : {8000, 12000, 16000, 24000, 48000}) {
    for (const int legs : {1, 2}) {
      for (const size_t count :
           {size_t(1), size_t(rate / 50), size_t(rate / 50 + 1), size_t(rate + 77)}) {
        const Decoded done = decoded(written(rate, legs, count).file);
        ASSERT_TRUE(done.result.ok());
        EXPECT_EQ(done.sink.formats[0], (PcmFormat{rate, legs}));
        EXPECT_EQ(done.sink.pcm.size(), count * size_t(legs)) << rate << ' ' << legs;
        EXPECT_THAT(done.sink.warnings, IsEmpty());
      }
    }
  }
}

TEST(CallWriter, MakesAPageEvery200Ms) {
  const std::string file = written(8000, 2, 8000).file;
  size_t pages = 0;
  for (size_t at = 0; (at = file.find("OggS", at)) != std::string::npos; ++at) ++pages;
  EXPECT_EQ(pages, 2u + 6u);  // a second of call and the frame that pushes the end out
}

TEST(CallWriter, MakesPeaksWhileItEncodes) {
  const Peaks peaks = written(8000, 2, 8001).peaks;
  EXPECT_EQ(peaks.frames(), 51u);
  EXPECT_NEAR(peaks.maximum(10, 0), 8000 / 256, 1);
  EXPECT_NEAR(peaks.minimum(10, 1), -4000 / 256, 1);
}

TEST(CallWriter, IsTheSameBytesForTheSameCall) {
  EXPECT_EQ(written(8000, 2, 5000).file, written(8000, 2, 5000).file);
}

TEST(CallWriter, HandsOnThatTheDiskIsFull) {
  CallWriter writer = CallWriter::make(8000, 1, {}, 1, [](std::string_view) -> Result<void> {
                        return Error{"E_DISK", "full"};
                      }).value();
  Framer framer(8000, 1, false, [&](const Frame& frame) { return writer.write(frame); });
  EXPECT_EQ(framer.push(std::vector<int16_t>(1600)).error().code, "E_DISK");
}

TEST(CallReader, MakesPeaksAgainFromTheAudioAlone) {
  std::string path = testing::TempDir() + "callXXXXXX";
  const int fd = mkstemp(path.data());
  ASSERT_GE(fd, 0);
  close(fd);
  for (const int legs : {1, 2}) {
    const Written done = written(16000, legs, 32100);
    std::ofstream(path, std::ios::binary) << done.file;
    const auto again = rebuild_peaks(path);
    ASSERT_TRUE(again.ok());
    ASSERT_EQ(again->frames(), done.peaks.frames());
    for (size_t frame = 5; frame + 5 < again->frames(); ++frame) {
      for (int leg = 0; leg < legs; ++leg) {
        ASSERT_NEAR(again->maximum(frame, leg), done.peaks.maximum(frame, leg), 5)
            << frame << ' ' << leg;
      }
    }
  }
  unlink(path.c_str());
}

}  // namespace
}  // namespace earful::recorder
