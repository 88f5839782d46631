#include "recorder/codec/salvage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recorder/codec/call_writer.h"
#include "recorder/frame/framer.h"
#include "tests/recorder/codec/ogg_maker.h"

namespace earful::recorder {
namespace {

using testing::IsEmpty;

constexpr int kRate = 8000;
constexpr Position kLag = 312;  // the decoder's, at 48 kHz

ByteSource source_of(const std::string& bytes) {
  return [&bytes, at = size_t(0)](std::span<char> out) mutable {
    const size_t got = bytes.copy(out.data(), out.size(), at);
    at += got;
    return got;
  };
}

// A call of two legs as it is on the disk while it goes on, and where its pages end.
struct Going {
  std::string file;
  std::vector<size_t> ends;
};

Going going(double seconds) {
  Going call;
  CallWriter writer =
      CallWriter::make(kRate, 2, {}, 77, [&](std::string_view page) -> Result<void> {
        call.file += page;
        call.ends.push_back(call.file.size());
        return {};
      }).value();
  Framer framer(kRate, 2, false, [&](const Frame& frame) { return writer.write(frame); });
  std::vector<int16_t> tone;
  for (size_t i = 0; i < size_t(seconds * kRate * 2); ++i) {
    tone.push_back(int16_t(8000 * std::sin(double(i) * 0.3)));
  }
  EXPECT_TRUE(framer.push(tone).ok() && framer.finish().ok());
  return call;
}

const OpusHead kHead = head_of_call(2, int(kLag), kRate);

Salvage found_in(const std::string& file) { return look_for_pages(source_of(file), kHead); }

TEST(Salvage, KeepsEveryWholePageWhicheverByteTheCutComesAt) {
  const Going call = going(1.5);
  for (size_t size = 0; size <= call.file.size(); ++size) {
    const Salvage found = found_in(call.file.substr(0, size));
    const auto whole = std::upper_bound(call.ends.begin(), call.ends.end(), size);
    const auto pages = whole - call.ends.begin();
    ASSERT_EQ(found.duration, pages > 2 ? (pages - 2) * 9600 - kLag : 0) << size;
    ASSERT_EQ(found.last_end, pages > 0 ? int64_t(*(whole - 1)) : 0) << size;
    ASSERT_FALSE(found.ended);
    ASSERT_THAT(found.holes, IsEmpty());
    if (pages > 0) {
      ASSERT_TRUE(found.in_place) << size;
    }
  }
}

TEST(Salvage, BelievesNoPageWithABrokenBit) {
  const Going call = going(1.1);
  const size_t begin = call.ends[4], end = call.ends[5];
  for (size_t at = begin; at < end; ++at) {
    std::string file = call.file;
    file[at] = char(file[at] ^ 0x10);
    const Salvage found = found_in(file);
    ASSERT_FALSE(found.in_place) << at - begin;
    ASSERT_EQ(found.holes.size(), 1u) << at - begin;
    ASSERT_EQ(found.holes[0], (Stretch{3 * 9600 - kLag, 4 * 9600 - kLag}));
  }
}

TEST(Salvage, WritesAWholeFileWhichever512BytesAreZeros) {
  const Going call = going(2.1);
  for (size_t at = 0; at < call.file.size(); at += 512) {
    std::string file = call.file;
    file.replace(at, std::min<size_t>(512, file.size() - at), 512, '\0');
    const Salvage found = found_in(file);
    std::string out;
    ASSERT_TRUE(write_salvaged(source_of(file), found.head.value_or(kHead), found,
                               [&](std::string_view page) -> Result<void> {
                                 out += page;
                                 return {};
                               })
                    .ok());
    const Decoded done = decoded(out);
    ASSERT_TRUE(done.result.ok());
    EXPECT_THAT(done.sink.warnings, IsEmpty());
    EXPECT_EQ(Position(done.sink.pcm.size()) / 2 * 6, found.duration);
    // Two pages at most hang on so few bytes, and the rest is there.
    EXPECT_GE(found.duration, Position(call.ends.size() - 2 - 2) * 9600 - kLag) << at;
  }
}

// After a power cut, any of the blocks written since the last sync may be on the disk or be zeros.
TEST(Salvage, LosesNothingThatWasSyncedWhateverElseReachedTheDisk) {
  constexpr size_t kBlock = 512;
  constexpr size_t kMaxBlocks = 8;
  const Going call = going(2.1);
  int states = 0;
  for (size_t pages = 3; pages < call.ends.size(); ++pages) {
    const size_t synced = call.ends[pages - 1];
    const Position safe = Position(pages - 2) * 9600 - kLag;
    const size_t first = synced / kBlock;
    const size_t blocks = std::min((call.file.size() - 1) / kBlock - first + 1, kMaxBlocks);
    const size_t size = std::min((first + blocks) * kBlock, call.file.size());
    for (unsigned there = 0; there < 1u << blocks; ++there, ++states) {
      std::string file = call.file.substr(0, size);
      for (size_t block = 0; block < blocks; ++block) {
        if (there >> block & 1) continue;
        const size_t from = std::max((first + block) * kBlock, synced);
        const size_t to = std::min((first + block + 1) * kBlock, size);
        file.replace(from, to - from, to - from, '\0');
      }
      const Salvage found = found_in(file);
      ASSERT_GE(found.duration, safe) << pages << ' ' << there;
      for (const Stretch& hole : found.holes) {
        ASSERT_GE(hole.start, safe) << pages << ' ' << there;
      }
    }
  }
  EXPECT_GE(states, 500);
}

}  // namespace
}  // namespace earful::recorder
