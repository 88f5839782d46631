#include "agent/import/recordings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace earful::agent {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class RecordingsTest : public testing::Test {
 protected:
  RecordingsTest() {
    std::string pattern = testing::TempDir() + "recordingsXXXXXX";
    EARFUL_CHECK(mkdtemp(pattern.data()) != nullptr);
    dir_ = pattern;
  }
  ~RecordingsTest() override { fs::remove_all(dir_); }
  void file(const fs::path& name) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name) << "x";
  }
  std::vector<std::string> found(std::vector<fs::path> paths) {
    const auto result = find_recordings(paths);
    std::vector<std::string> names;
    for (const auto& one : result->files) names.push_back(one.path.lexically_relative(dir_));
    return names;
  }
  fs::path dir_;
};

TEST_F(RecordingsTest, AreSearchedInTheOrderOfNames) {
  for (const char* name : {"b.wav", "a/z.mp3", "a/y.WAV", "c.opus"}) file(name);
  EXPECT_THAT(found({dir_}), ElementsAre("a/y.WAV", "a/z.mp3", "b.wav", "c.opus"));
}

TEST_F(RecordingsTest, AreTakenOnceHoweverOftenTheyAreNamed) {
  file("a.wav");
  EXPECT_THAT(found({dir_ / "a.wav", dir_, dir_ / "." / "a.wav"}), ElementsAre("a.wav"));
}

TEST_F(RecordingsTest, LeaveHiddenFilesAndLinkedFoldersAlone) {
  file(".hidden.wav");
  file(".git/a.wav");
  file("real/a.wav");
  fs::create_directory_symlink(dir_, dir_ / "real" / "loop");
  EXPECT_THAT(found({dir_}), ElementsAre("real/a.wav"));
}

TEST_F(RecordingsTest, KnowSidecarsFromOtherFiles) {
  for (const char* name : {"a.wav", "a.json", "other.json", "notes.txt"}) file(name);
  const auto result = find_recordings(std::vector{dir_});
  EXPECT_EQ(result->sidecars, 1);
  EXPECT_THAT(result->skipped, ElementsAre(dir_ / "notes.txt", dir_ / "other.json"));
}

TEST_F(RecordingsTest, AreWhateverIsNamedItself) {
  file("notes.txt");
  EXPECT_THAT(found({dir_ / "notes.txt"}), ElementsAre("notes.txt"));
}

TEST_F(RecordingsTest, SayWhichPathIsMissing) {
  const auto result = find_recordings(std::vector<fs::path>{dir_ / "nowhere"});
  EXPECT_EQ(result.error().code, "E_PATH");
  EXPECT_THAT(result.error().message, testing::HasSubstr("nowhere"));
}

}  // namespace
}  // namespace earful::agent
