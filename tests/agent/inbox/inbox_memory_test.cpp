#include "agent/inbox/inbox_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class InboxMemoryTest : public testing::Test {
 protected:
  InboxMemory open() {
    auto opened = InboxMemory::open(folder.path() / "inbox.db");
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(*opened);
  }
  static Remembered row(const std::string& code, int64_t at_ms = 0) {
    Remembered what;
    what.recording = {5, 7};
    what.code = code;
    what.judged_by = "by";
    what.at = WallTime(std::chrono::milliseconds(at_ms));
    return what;
  }
  static std::vector<std::string> names(InboxMemory& memory) {
    std::vector<std::string> all;
    const auto refused = memory.refused("/in", 2);
    for (const RefusedFile& file : *refused) all.push_back(file.path);
    return all;
  }
  TemporaryFolder folder;
};

TEST_F(InboxMemoryTest, SurvivesARestart) {
  {
    InboxMemory memory = open();
    ASSERT_TRUE(memory.keep("/in", "/in/\xff.wav", row("E_TYPE", 9)).ok());
    ASSERT_TRUE(memory.keep("/in", "/in/b.wav", row("")).ok());
  }
  InboxMemory memory = open();
  const auto found = memory.find("/in/\xff.wav");
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->recording, (Stamp{5, 7}));
  EXPECT_EQ((*found)->code, "E_TYPE");
  EXPECT_EQ((*found)->judged_by, "by");
  EXPECT_EQ((*found)->at.time_since_epoch().count(), 9);
  EXPECT_FALSE(memory.find("/in/c.wav")->has_value());
  EXPECT_EQ(*memory.taken("/in"), 1u);
  EXPECT_EQ(*memory.taken("/other"), 0u);
}

TEST_F(InboxMemoryTest, ListsTheNewestRefusedFilesOnce) {
  InboxMemory memory = open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(memory.keep("/in", "/in/" + std::to_string(i), row("E_TYPE", i)).ok());
  }
  ASSERT_TRUE(memory.keep("/in", "/in/1", row("E_EMPTY", 7)).ok());
  EXPECT_THAT(names(memory), ElementsAre("/in/1", "/in/2"));
  EXPECT_EQ(*memory.refused_count("/in"), 3u);
  ASSERT_TRUE(memory.keep("/in", "/in/1", row("", 8)).ok());
  EXPECT_EQ(*memory.refused_count("/in"), 2u);
}

TEST_F(InboxMemoryTest, FindsWhatASidecarMayMend) {
  InboxMemory memory = open();
  for (const char* path : {"/in/a.wav", "/in/a.mp3", "/in/a.b.wav", "/in/ab.wav", "/in/a/x.wav"}) {
    ASSERT_TRUE(memory.keep("/in", path, row("E_FACTS")).ok());
  }
  ASSERT_TRUE(memory.keep("/in", "/in/a.flac", row("")).ok());
  EXPECT_THAT(*memory.refused_beside("/in/a.json"), ElementsAre("/in/a.mp3", "/in/a.wav"));
}

TEST_F(InboxMemoryTest, ForgetsRefusedFilesThatLeftAndKeepsYoungTakenOnes) {
  InboxMemory memory = open();
  const WallTime now{std::chrono::hours(24 * 365)};
  const auto here = folder.write("here.wav", "x").string();
  ASSERT_TRUE(memory.keep("/in", here, row("E_TYPE")).ok());
  ASSERT_TRUE(memory.keep("/in", "/gone/refused", row("E_TYPE")).ok());
  ASSERT_TRUE(memory.keep("/in", "/gone/old", row("")).ok());
  Remembered young = row("");
  young.at = now;
  ASSERT_TRUE(memory.keep("/in", "/gone/young", young).ok());
  ASSERT_TRUE(memory.forget_gone("/in", now).ok());
  EXPECT_THAT(names(memory), ElementsAre(here));
  EXPECT_TRUE(memory.find("/gone/young")->has_value());
  EXPECT_FALSE(memory.find("/gone/old")->has_value());
}

TEST_F(InboxMemoryTest, IsMadeAnewWhenItIsDamaged) {
  folder.write("inbox.db", std::string(8192, 'x'));
  InboxMemory memory = open();
  EXPECT_THAT(names(memory), IsEmpty());
  EXPECT_TRUE(memory.keep("/in", "/in/a", row("E_TYPE")).ok());
}

}  // namespace
}  // namespace earful::agent
