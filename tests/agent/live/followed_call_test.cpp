// The growing file of another program, followed with time that moves by hand.
#include "agent/live/followed_call.h"

#include <gtest/gtest.h>

#include <fstream>

#include "recorder/codec/call_writer.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

constexpr size_t kPageFrames = 10;
constexpr std::chrono::milliseconds kPage{200};

class FollowedCallTest : public testing::Test {
 protected:
  FollowedCallTest() {
    call_.id = CallId{make_uuid_v7(wall_now())};
    call_.legs = 1;
    file_ = library_.live_path(call_.id);
    std::filesystem::create_directories(file_.parent_path());
    auto writer = recorder::CallWriter::make(8000, 1, {}, 1u, [this](std::string_view page) {
                    pages_.emplace_back(page);
                    return Result<void>();
                  }).value();
    std::vector<int16_t> tone(160);
    for (size_t i = 0; i < tone.size(); ++i) tone[i] = int16_t(i % 8 < 4 ? 8000 : -8000);
    for (int i = 0; i < 100; ++i) {
      recorder::Frame frame;
      frame.position = i * recorder::kFramePositions;
      frame.kept = tone.size();
      frame.samples[0] = tone;
      EXPECT_TRUE(writer.write(frame).ok());
    }
  }
  // So many of the pages that are not in the file yet; the first two are headers.
  void grow(size_t pages) {
    std::ofstream file(file_, std::ios::app | std::ios::binary);
    for (; pages > 0; --pages) file << pages_[written_++];
  }
  void note(std::string_view text) {
    std::ofstream(library_.notes_path(call_.id), std::ios::app | std::ios::binary) << text;
  }
  void open() { followed_ = FollowedCall::open(library_, call_).value(); }
  int64_t edge() const { return followed_->feed()->edge() / recorder::kFramePositions; }

  TemporaryFolder folder_;
  recorder::Library library_ = recorder::Library::open(folder_.path()).value();
  recorder::Call call_;
  std::filesystem::path file_;
  std::vector<std::string> pages_;
  size_t written_ = 0;
  std::unique_ptr<FollowedCall> followed_;
  SteadyTime now_ = std::chrono::steady_clock::now();
};

TEST_F(FollowedCallTest, IsNotThereBeforeItsHeader) {
  std::ofstream{file_};
  EXPECT_EQ(FollowedCall::open(library_, call_).error().code, "E_NOT_LIVE");
}

TEST_F(FollowedCallTest, CatchesUpAtOnceAndGoesOnAtThePaceOfSound) {
  grow(2 + 3);
  open();
  followed_->follow(now_);
  EXPECT_TRUE(followed_->caught_up());
  EXPECT_EQ(edge(), int64_t(3 * kPageFrames));
  EXPECT_GT(followed_->feed()->peaks().maximum(20, 0), 20);
  grow(1);
  followed_->follow(now_ + kPage / 2);
  EXPECT_EQ(edge(), int64_t(3 * kPageFrames + kPageFrames / 2));
  followed_->follow(now_ + kPage);
  EXPECT_EQ(edge(), int64_t(4 * kPageFrames));
  EXPECT_EQ(followed_->grown_at(), now_ + kPage / 2);
}

TEST_F(FollowedCallTest, StopsWhereTheFileLacksAPage) {
  grow(2 + 1);
  ++written_;
  grow(2);
  open();
  followed_->follow(now_);
  EXPECT_TRUE(followed_->broken());
  EXPECT_EQ(edge(), int64_t(kPageFrames));
}

TEST_F(FollowedCallTest, ReadsANoteOnceItsLineIsWhole) {
  grow(2 + 1);
  open();
  note(R"({"kind":"gap","leg":1,"start_ms":20,"end_ms":)");
  EXPECT_TRUE(followed_->follow(now_).empty());
  note("40,\"cause\":\"overflow\"}\n");
  note("{\"kind\":\"pause\",\"leg\":null,\"start_ms\":60,\"end_ms\":null}\n");  // begun, not over
  EXPECT_EQ(followed_->follow(now_).size(), 1u);
  EXPECT_TRUE(followed_->follow(now_).empty());
  EXPECT_EQ(followed_->feed()->notes().size(), 1u);
}

}  // namespace
}  // namespace earful::agent
