#include "recorder/library/repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "recorder/codec/call_writer.h"
#include "recorder/codec/salvage.h"
#include "recorder/frame/framer.h"
#include "recorder/library/live_file.h"
#include "tests/recorder/codec/ogg_maker.h"
#include "tests/temporary_folder.h"

namespace earful::recorder {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kRate = 8000;
constexpr Position kPage = kPositionsPerSecond / 5;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What a call of so many seconds has written; with its end or without.
std::string recorded(int legs, double seconds, bool ended) {
  std::string bytes;
  CallWriter writer =
      CallWriter::make(kRate, legs, {}, 77, [&](std::string_view page) -> Result<void> {
        bytes += page;
        return {};
      }).value();
  Framer framer(kRate, legs, false, [&](const Frame& frame) { return writer.write(frame); });
  std::vector<int16_t> tone;
  for (size_t i = 0; i < size_t(seconds * kRate); ++i) {
    for (int leg = 0; leg < legs; ++leg) {
      tone.push_back(int16_t(8000 * std::sin(double(i) * (leg + 1) * 0.3)));
    }
  }
  EXPECT_TRUE(framer.push(tone).ok() && framer.finish().ok());
  if (ended) {
    EXPECT_TRUE(writer.finish().ok());
  }
  return bytes;
}

std::vector<size_t> pages_of(const std::string& file) {
  std::vector<size_t> begins;
  OggPages pages([&, at = size_t(0)](std::span<char> out) mutable {
    const size_t got = file.copy(out.data(), out.size(), at);
    at += got;
    return got;
  });
  while (pages.next()) begins.push_back(size_t(pages.offset()));
  return begins;
}

class RepairTest : public testing::Test {
 protected:
  // A library in which a call was cut off with these bytes on the disk.
  void cut(const std::string& audio, const std::string& notes = "") {
    fs::remove_all(folder_.path() / "library");
    library_.emplace(Library::open(folder_.path() / "library").value());
    call_.id.bytes[0] = 0xab;
    call_.legs = legs_;
    call_.sample_rate_hz = kRate;
    fs::create_directories(live().parent_path());
    std::ofstream(live(), std::ios::binary) << audio;
    std::ofstream(notes_file(), std::ios::binary) << notes;
    ASSERT_TRUE(library_->begin_live(call_).ok());
  }
  Repairs repair() {
    auto done = repair_live_calls(*library_);
    EXPECT_TRUE(done.ok());
    return done.ok() ? *done : Repairs();
  }
  Call found() { return library_->find(call_.id).value().value_or(Call()); }
  // The repaired call plays in full and without a complaint.
  void expect_plays(Position duration) {
    EXPECT_EQ(found().duration, duration);
    const Decoded done = decoded(bytes_of(library_->audio_path(call_.id)));
    ASSERT_TRUE(done.result.ok());
    EXPECT_THAT(done.sink.warnings, IsEmpty());
    EXPECT_EQ(Position(done.sink.pcm.size()) / legs_ * (kPositionsPerSecond / kRate), duration);
    const auto peaks = read_peaks(library_->peaks_path(call_.id));
    ASSERT_TRUE(peaks.ok());
    EXPECT_EQ(Position(peaks->frames()), (duration + kFramePositions - 1) / kFramePositions);
    EXPECT_FALSE(fs::exists(live()) || fs::exists(notes_file()));
  }
  fs::path live() const { return library_->live_path(call_.id); }
  fs::path notes_file() const { return library_->notes_path(call_.id); }

  // Of the first so many audio pages.
  static Position length(size_t pages) { return Position(pages) * kPage - kLag; }
  static constexpr Position kLag = 312;  // the decoder's, at 48 kHz

  TemporaryFolder folder_;
  std::optional<Library> library_;
  Call call_;
  int legs_ = 2;
};

TEST_F(RepairTest, LeavesACallToItsOwnerWhoHasRenamedItsFile) {
  library_.emplace(Library::open(folder_.path() / "library").value());
  call_.id.bytes[0] = 0xab;
  call_.legs = legs_;
  call_.sample_rate_hz = kRate;
  auto owner = LiveFile::create(*library_, call_.id).value();
  ASSERT_TRUE(library_->begin_live(call_).ok());
  ASSERT_TRUE(owner->write(recorded(2, 2, true)).ok());
  fs::rename(live(), library_->audio_path(call_.id));  // on the way to keep()
  EXPECT_THAT(repair().kept, IsEmpty());
  EXPECT_TRUE(found().live);
  owner.reset();
  EXPECT_THAT(repair().kept, SizeIs(1));
  EXPECT_FALSE(found().live);
}

TEST_F(RepairTest, KeepsEveryWholePageWhereverTheFileIsCut) {
  for (legs_ = 1; legs_ <= 2; ++legs_) {
    const std::string file = recorded(legs_, 1.3, false);
    const std::vector<size_t> begins = pages_of(file);
    ASSERT_THAT(begins, SizeIs(8));
    for (const size_t from : {begins[4], begins[5]}) {
      for (const size_t more : {0, 1, 26, 27, 40, 200}) {
        cut(file.substr(0, from + more));
        EXPECT_THAT(repair().kept, SizeIs(1));
        expect_plays(length(from == begins[4] ? 2 : 3));
        EXPECT_TRUE(found().cut);
      }
    }
  }
}

TEST_F(RepairTest, PassesOverZerosAndGarbageAtTheEnd) {
  const std::string file = recorded(2, 1.1, false);
  const size_t pages = pages_of(file).size() - 2;
  std::string garbage(5000, '\0');
  for (size_t i = 0; i < garbage.size(); ++i) garbage[i] = char(i * 31 + i / 7);
  for (const std::string& tail :
       {std::string(64 * 1024, '\0'), garbage, std::string("OggS"), garbage + "OggS" + garbage}) {
    cut(file + tail);
    repair();
    expect_plays(length(pages));
  }
}

TEST_F(RepairTest, PutsSilenceWhereThereAreZerosInTheMiddle) {
  for (legs_ = 1; legs_ <= 2; ++legs_) {
    std::string file = recorded(legs_, 2.1, false);
    const std::vector<size_t> begins = pages_of(file);
    std::fill(file.begin() + std::ptrdiff_t(begins[5]) + 9,
              file.begin() + std::ptrdiff_t(begins[7]) - 9, '\0');
    cut(file);
    repair();
    expect_plays(length(begins.size() - 2));
    ASSERT_THAT(found().notes, SizeIs(2));
    const CallNote gap = found().notes[0];
    EXPECT_EQ(gap.start, length(3));
    EXPECT_EQ(gap.end, length(5));
    EXPECT_EQ(gap.lost_samples, 2 * kRate / 5);
    EXPECT_EQ(found().notes[1].kind, CallNote::Kind::kCut);
  }
}

TEST_F(RepairTest, DoesWithoutAHeader) {
  for (const size_t lost : {1, 2, 4}) {
    std::string file = recorded(2, 2.1, false);
    const std::vector<size_t> begins = pages_of(file);
    std::fill(file.begin(), file.begin() + std::ptrdiff_t(begins[lost]), '\0');
    cut(file);
    repair();
    expect_plays(length(begins.size() - 2));
  }
}

TEST_F(RepairTest, BelievesNoPageThatIsNotOfTheCall) {
  const std::string file = recorded(2, 0.9, false);
  const size_t pages = pages_of(file).size() - 2;
  const std::string other = page({.granule = 9600, .sequence = 6, .serial = 78}, {"x"});
  const std::string far = page({.granule = 96000000, .sequence = 10001, .serial = 77}, {"x"});
  const std::string lying = page({.granule = 1, .sequence = 6, .serial = 77}, {"x"});
  for (const std::string& tail : {other, far, lying, file}) {
    cut(file + tail);
    repair();
    expect_plays(length(pages));
  }
}

TEST_F(RepairTest, TakesACallThatHadEndedAsItIs) {
  cut(recorded(2, 1.05, true));
  repair();
  expect_plays(Position(1.05 * kPositionsPerSecond));
  EXPECT_FALSE(found().cut);
  EXPECT_THAT(found().notes, IsEmpty());
  EXPECT_EQ(found().warnings, "");
}

TEST_F(RepairTest, FinishesACallWhoseFileWasRenamedAlready) {
  cut("");
  fs::remove(live());
  std::ofstream(library_->audio_path(call_.id), std::ios::binary) << recorded(2, 1, true);
  repair();
  expect_plays(kPositionsPerSecond);
  EXPECT_FALSE(found().cut);
}

TEST_F(RepairTest, ForgetsACallOfWhichNotOnePageIsWhole) {
  const std::string file = recorded(2, 0.5, false);
  for (const size_t size : {size_t(0), size_t(10), pages_of(file)[1], pages_of(file)[2] + 20}) {
    cut(file.substr(0, size));
    EXPECT_THAT(repair().forgotten, SizeIs(1));
    EXPECT_EQ(library_->count().value(), 0);
    EXPECT_FALSE(fs::exists(live()) || fs::exists(notes_file()));
  }
}

TEST_F(RepairTest, SaysThatTheCallWasCutAndWhen) {
  cut(recorded(2, 65, false));
  repair();
  EXPECT_THAT(found().warnings, HasSubstr("cut off at 1:04"));
  ASSERT_THAT(found().notes, SizeIs(1));
  EXPECT_EQ(found().notes[0].kind, CallNote::Kind::kCut);
  EXPECT_EQ(found().notes[0].start, found().duration);
  const auto measures = nlohmann::json::parse(found().measures);
  EXPECT_GT(measures["legs"][0]["talk_ms"], 60000);
}

TEST_F(RepairTest, KeepsTheNotesOfTheAudioThereIs) {
  const CallNote early{CallNote::Kind::kGap, 1, 4800, 9600, "overflow", true, 800};
  const CallNote across{CallNote::Kind::kPause, -1, 9600, 960000, "pause", false, -1};
  const CallNote late{CallNote::Kind::kGap, -1, 960000, 970000, "stalled", true, -1};
  std::string lines;
  for (const CallNote& note : {early, across, late}) lines += note_json(note) + "\n";
  cut(recorded(2, 0.9, false), lines + note_json(early).substr(0, 30));
  repair();
  ASSERT_THAT(found().notes, SizeIs(3));
  EXPECT_EQ(found().notes[0], early);
  EXPECT_EQ(found().notes[1].end, found().duration);
  EXPECT_EQ(found().notes[2].kind, CallNote::Kind::kCut);
}

TEST_F(RepairTest, EndsWithTheAudioWhatHadBegunBeforeTheCut) {
  const CallNote over{CallNote::Kind::kGap, 0, 4800, 9600, "device_lost", false, 960};
  const CallNote away{CallNote::Kind::kGap, 1, 19200, CallNote::kGoesOn, "device_lost", false, -1};
  CallNote begun = over;
  begun.end = CallNote::kGoesOn;
  std::string lines;
  for (const CallNote& note : {begun, over, away}) lines += note_json(note) + "\n";
  cut(recorded(2, 2.1, false), lines);
  repair();
  ASSERT_THAT(found().notes, SizeIs(3));
  EXPECT_EQ(found().notes[0], over);
  EXPECT_EQ(found().notes[1].start, away.start);
  EXPECT_EQ(found().notes[1].end, found().duration);
  EXPECT_EQ(found().notes[2].kind, CallNote::Kind::kCut);
}

TEST_F(RepairTest, RemembersTheCutWhenItWasItselfCutOff) {
  // After the end was marked, before the row was finished: the audio no longer tells.
  const std::string file = recorded(2, 0.9, false);
  const size_t last = pages_of(file).back();
  const CallNote cut_note{CallNote::Kind::kCut, -1, length(4), length(4), "cut", false, -1};
  cut(file.substr(0, last) + as_last_page(file.substr(last)), "\n" + note_json(cut_note) + "\n");
  repair();
  expect_plays(length(4));
  EXPECT_TRUE(found().cut);
  EXPECT_THAT(found().notes, ElementsAre(cut_note));
}

TEST_F(RepairTest, LeavesACallAloneThatSomebodyRecords) {
  cut(recorded(2, 0.9, false));
  fs::remove(live());
  fs::remove(notes_file());
  auto recording = LiveFile::create(*library_, call_.id).value();
  const Repairs done = repair();
  EXPECT_TRUE(done.kept.empty() && done.forgotten.empty());
  EXPECT_TRUE(found().live);
  recording.reset();
  EXPECT_THAT(repair().forgotten, SizeIs(1));
}

TEST_F(RepairTest, TriesAgainWhatItCouldNotRepair) {
  cut(recorded(2, 0.9, false));
  fs::create_directories(library_->peaks_path(call_.id) / "in the way");
  EXPECT_EQ(repair().failed, 1);
  EXPECT_TRUE(found().live);
  fs::remove_all(library_->peaks_path(call_.id));
  EXPECT_THAT(repair().kept, SizeIs(1));
  expect_plays(length(4));
  EXPECT_TRUE(found().cut);
}

}  // namespace
}  // namespace earful::recorder
