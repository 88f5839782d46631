// A growing file, read while its last page is half written.
#include "agent/live/live_past.h"

#include <gtest/gtest.h>

#include <fstream>

#include "recorder/codec/ogg_writer.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

class LivePastTest : public testing::Test {
 protected:
  LivePastTest() {
    recorder::OggWriter ogg(recorder::head_of_call(1, 312, 8000), 1u,
                            [this](std::string_view page) {
                              pages_.emplace_back(page);
                              return Result<void>();
                            });
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(ogg.write("packet " + std::to_string(i), 960).ok());
  }
  void append(std::string_view bytes) {
    std::ofstream file(file_, std::ios::app | std::ios::binary);
    file << bytes;
    ASSERT_TRUE(file.flush().good());
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "a.opus.live";
  std::vector<std::string> pages_;  // two of headers, then ten packets each
};

TEST_F(LivePastTest, ReadsAPageWhenItIsWhole) {
  ASSERT_GE(pages_.size(), 5u);
  for (size_t page = 0; page < 3; ++page) append(pages_[page]);
  append(pages_[3].substr(0, pages_[3].size() / 2));
  const auto past = LivePast::open(file_, 1).value();
  past->seek(0);
  EXPECT_EQ(past->page().size(), 10u);
  EXPECT_EQ(past->page().size(), 0u);
  append(pages_[3].substr(pages_[3].size() / 2));
  append(pages_[4]);
  const auto& packets = past->page();
  ASSERT_EQ(packets.size(), 10u);
  EXPECT_EQ(packets[0].frame, 10);
  EXPECT_EQ(packets[0].packets[0], "packet 10");
}

}  // namespace
}  // namespace earful::agent
