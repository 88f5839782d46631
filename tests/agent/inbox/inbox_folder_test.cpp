#include "agent/inbox/inbox_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A real folder and the real inotify; time moves by hand.
class InboxFolderTest : public testing::Test {
 protected:
  InboxFolderTest() { fs::create_directory(in); }

  // Whole and closed, under its own name.
  void put(const std::string& name, const std::string& bytes = "x") {
    fs::create_directories((in / name).parent_path());
    std::ofstream(in / name) << bytes;
  }
  // What is ready now and some time later, by default a sidecar's patience.
  std::vector<std::string> arrived(std::chrono::milliseconds later = 2s) {
    std::vector<std::string> names;
    for (const auto time : {std::chrono::milliseconds(0), later}) {
      now += time;
      inbox->step(now);
      for (const ReadyFile& file : inbox->ready(now)) {
        files.push_back(file);
        names.push_back(fs::path(file.path).lexically_relative(in));
      }
    }
    return names;
  }
  // What became of the last one that arrived; "" for taken.
  void answer(const std::string& code) {
    const ReadyFile& file = files.back();
    Remembered what;
    what.recording = file.recording;
    what.code = code;
    what.judged_by = file.judged_by;
    ASSERT_TRUE(memory.keep(inbox->name(), file.path, what).ok());
    inbox->done(file.path);
  }
  void restart() { inbox.emplace(options(), Patience(), memory); }
  InboxOptions options() const { return {.path = in, .manifest = manifest}; }

  TemporaryFolder folder;
  fs::path in = folder.path() / "in";
  fs::path manifest;
  InboxMemory memory = std::move(*InboxMemory::open(folder.path() / "inbox.db"));
  SteadyTime now{24h};
  std::vector<ReadyFile> files;
  std::optional<InboxFolder> inbox{std::in_place, options(), Patience(), memory};
};

TEST_F(InboxFolderTest, HandsOutWhatIsClosedWhileItWatches) {
  EXPECT_THAT(arrived(), IsEmpty());
  put("a.wav");
  EXPECT_THAT(arrived(), ElementsAre("a.wav"));
  EXPECT_THAT(arrived(), IsEmpty());
  EXPECT_EQ(inbox->waiting(), 1u) << "held until its outcome is known";
  answer("");
  EXPECT_EQ(inbox->waiting(), 0u);
}

TEST_F(InboxFolderTest, HandsOutWhatWasThereBefore) {
  put("a.wav");
  put("2026/11/b.mp3");
  EXPECT_THAT(arrived(10s), UnorderedElementsAre("a.wav", "2026/11/b.mp3"));
}

TEST_F(InboxFolderTest, HandsOutWhatIsRenamedIntoPlace) {
  arrived();
  std::ofstream out(in / ".a.wav.tmp");
  out << "x" << std::flush;
  EXPECT_THAT(arrived(60s), IsEmpty());
  fs::rename(in / ".a.wav.tmp", in / "a.wav");
  EXPECT_THAT(arrived(), ElementsAre("a.wav"));
}

TEST_F(InboxFolderTest, WaitsForAFileThatStaysOpen) {
  arrived();
  std::ofstream out(in / "a.wav");
  out << "x" << std::flush;
  EXPECT_THAT(arrived(9s), IsEmpty());
  out << "y" << std::flush;
  EXPECT_THAT(arrived(9s), IsEmpty());
  EXPECT_THAT(arrived(10s), ElementsAre("a.wav"));
}

TEST_F(InboxFolderTest, LeavesLinksPipesAndTemporaryNamesAlone) {
  put("real.txt");
  for (const char* name : {".hidden.wav", "a.wav.part", "b.wav.tmp", ".git/c.wav", "notes.txt"}) {
    put(name);
  }
  fs::create_symlink(in / "real.txt", in / "link.wav");
  fs::create_directory_symlink(folder.path(), in / "up");
  ASSERT_EQ(mkfifo((in / "pipe.wav").c_str(), 0600), 0);
  EXPECT_THAT(arrived(60s), IsEmpty());
  fs::create_symlink(in / "real.txt", in / "later.wav");
  EXPECT_THAT(arrived(60s), IsEmpty());
}

TEST_F(InboxFolderTest, FollowsFoldersThatAreMadeAndMoved) {
  arrived();
  put("new/a.wav");
  EXPECT_THAT(arrived(10s), ElementsAre("new/a.wav"));
  answer("");
  fs::rename(in / "new", folder.path() / "away");
  std::ofstream(folder.path() / "away" / "b.wav") << "x";
  EXPECT_THAT(arrived(10s), IsEmpty()) << "it is no longer below the inbox";
  fs::rename(folder.path() / "away", in / "back");
  EXPECT_THAT(arrived(10s), UnorderedElementsAre("back/a.wav", "back/b.wav"));
}

TEST_F(InboxFolderTest, TakesAtOnceWhatWasWholeBeforeItsFolderCame) {
  InboxOptions hasty = options();
  hasty.sidecar_wait = 0ms;
  inbox.emplace(hasty, Patience{.quiet = 1ms}, memory);
  arrived(0ms);
  const fs::path outside = folder.path() / "outside";
  fs::create_directory(outside);
  std::ofstream(outside / "a.wav") << "x";
  // Its own times cannot be set; until they say that it has been quiet.
  while (fs::file_time_type::clock::now() < fs::last_write_time(outside / "a.wav") + 2ms) {
  }
  fs::rename(outside, in / "all");
  EXPECT_THAT(arrived(0ms), ElementsAre("all/a.wav"));
}

TEST_F(InboxFolderTest, ReadsNothingTwiceAfterARestart) {
  put("good.wav");
  arrived(10s);
  answer("");
  put("bad.wav");
  arrived(10s);
  answer("E_TYPE");
  restart();
  EXPECT_THAT(arrived(10s), IsEmpty());
}

TEST_F(InboxFolderTest, TriesAChangedFileAgain) {
  arrived();
  put("bad.wav");
  arrived();
  answer("E_TYPE");
  EXPECT_THAT(arrived(60s), IsEmpty());
  put("bad.wav", "other bytes");
  EXPECT_THAT(arrived(), ElementsAre("bad.wav"));
}

TEST_F(InboxFolderTest, TriesARefusedFileAgainWithAnotherSidecar) {
  arrived();
  put("a.wav");
  put("a.json", "{");
  arrived();
  answer("E_FACTS");
  put("a.json", "{}");
  EXPECT_THAT(arrived(10s), ElementsAre("a.wav"));
  answer("");
  put("a.json", "{ }");
  EXPECT_THAT(arrived(10s), IsEmpty()) << "it is a call by now";
}

TEST_F(InboxFolderTest, TriesARefusedFileAgainWithAnotherManifest) {
  manifest = folder.write("calls.csv", "file\n");
  restart();
  put("a.wav");
  arrived(10s);
  answer("E_FACTS");
  EXPECT_THAT(arrived(10s), IsEmpty());
  folder.write("calls.csv", "file,queue\na.wav,billing\n");
  arrived(10s);
  EXPECT_THAT(arrived(10s), ElementsAre("a.wav"));
}

TEST_F(InboxFolderTest, TriesARefusedFileAgainWhenItMayBeRead) {
  arrived();
  put("a.wav");
  fs::permissions(in / "a.wav", fs::perms::none);
  arrived();
  answer("E_ACCESS");
  fs::permissions(in / "a.wav", fs::perms::owner_read);
  EXPECT_THAT(arrived(10s), ElementsAre("a.wav"));
}

TEST_F(InboxFolderTest, ForgetsRefusedFilesThatAreDeleted) {
  arrived();
  put("a.wav");
  arrived();
  answer("E_TYPE");
  fs::remove(in / "a.wav");
  arrived();
  EXPECT_EQ(*memory.refused_count(inbox->name()), 0u);
}

TEST_F(InboxFolderTest, LooksForAFolderThatIsMissing) {
  fs::remove(in);
  EXPECT_THAT(arrived(), IsEmpty());
  EXPECT_THAT(inbox->missing(), HasSubstr("No such file"));
  EXPECT_LT(inbox->next(), SteadyTime::max());
  put("a.wav");
  arrived(10s);
  EXPECT_EQ(inbox->missing(), "");
  arrived(10s);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files.back().path, in / "a.wav");
}

TEST_F(InboxFolderTest, ComesBackAfterItsFolderVanished) {
  arrived();
  fs::rename(in, folder.path() / "away");
  EXPECT_THAT(arrived(0s), IsEmpty());
  EXPECT_THAT(inbox->missing(), HasSubstr("gone"));
  put("a.wav");
  arrived(10s);
  arrived(10s);
  EXPECT_EQ(files.size(), 1u);
}

TEST_F(InboxFolderTest, NoticesThatAnotherFolderHasItsName) {
  fs::create_directories(folder.path() / "up" / "in");
  in = folder.path() / "up" / "in";
  restart();
  arrived();
  fs::rename(folder.path() / "up", folder.path() / "aside");
  put("a.wav");
  for (int i = 0; i < 3; ++i) arrived(10s);
  EXPECT_EQ(files.size(), 1u);
}

TEST_F(InboxFolderTest, ScansAgainWhenTheKernelLostEvents) {
  arrived();
  std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
  int most = 0;
  ASSERT_TRUE(limit >> most);
  const uint64_t scans = inbox->scans();
  for (int i = 0; i <= most; ++i) {  // events in turn, which the kernel cannot join
    put("a.wav", "1");
    fs::remove(in / "a.wav");
  }
  put("b.wav");
  EXPECT_THAT(arrived(10s), ElementsAre("b.wav"));
  EXPECT_GT(inbox->scans(), scans);
}

TEST_F(InboxFolderTest, ComesAgainWithAFileThatCouldNotBeTried) {
  arrived();
  put("a.wav");
  arrived();
  inbox->again(files.back(), now + 60s);
  EXPECT_THAT(arrived(59s), IsEmpty());
  EXPECT_EQ(inbox->waiting(), 1u);
  arrived(1s);
  EXPECT_THAT(arrived(10s), ElementsAre("a.wav"));
}

}  // namespace
}  // namespace earful::agent
