#include "agent/inbox/inbox_crew.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The real program as worker, unless a test names another.
class InboxCrewTest : public testing::Test {
 protected:
  static std::map<uint64_t, InboxAnswer> import(InboxCrew& crew,
                                                const std::vector<fs::path>& files) {
    std::map<uint64_t, InboxAnswer> answers;
    for (size_t next = 0; answers.size() < files.size();) {
      for (; next < files.size() && crew.can_take(); ++next) {
        EXPECT_TRUE(crew.give(next, job_for(files[next], {})).ok());
      }
      std::vector<pollfd> sockets;
      crew.add_sockets(sockets);
      EXPECT_GT(poll(sockets.data(), nfds_t(sockets.size()), -1), 0);
      for (auto& [ticket, answer] : crew.hear()) {
        EXPECT_TRUE(answers.emplace(ticket, std::move(answer)).second);
      }
    }
    return answers;
  }
  // A worker in its place.
  fs::path script(const std::string& text) const {
    const auto path = folder.write("worker", "#!/bin/sh\n" + text + "\n");
    EXPECT_EQ(chmod(path.c_str(), 0700), 0);
    return path;
  }
  TemporaryFolder folder;
};

TEST_F(InboxCrewTest, GivesEveryFileOneAnswer) {
  InboxCrew crew({.program = EARFUL_AGENT_PROGRAM, .data_dir = folder.path(), .jobs = 2});
  fs::create_symlink("/etc/passwd", folder.path() / "link.wav");
  const auto answers =
      import(crew, {folder.write("text.wav", "no recording"), folder.write("empty.wav", ""),
                    folder.path() / "none.wav", folder.path() / "link.wav"});
  EXPECT_EQ(answers.at(0).outcome.code, "E_TYPE");
  EXPECT_THAT(answers.at(0).outcome.message, HasSubstr("looks like text"));
  EXPECT_EQ(answers.at(1).outcome.code, "E_EMPTY");
  EXPECT_EQ(answers.at(2).kind, InboxAnswer::Kind::kGone);
  EXPECT_EQ(answers.at(3).kind, InboxAnswer::Kind::kGone);
  EXPECT_FALSE(crew.busy());
}

TEST_F(InboxCrewTest, TellsWhatIsWrongHereFromWhatIsWrongWithAFile) {
  folder.write("library", "in the way of the folder");
  InboxCrew crew({.program = EARFUL_AGENT_PROGRAM, .data_dir = folder.path(), .jobs = 1});
  const auto answers = import(crew, {folder.write("a.wav", "x")});
  EXPECT_EQ(answers.at(0).kind, InboxAnswer::Kind::kTrouble);
  EXPECT_THAT(answers.at(0).outcome.message, HasSubstr("library"));
}

TEST_F(InboxCrewTest, LosesOneFileToAWorkerThatDiesAndGoesOn) {
  InboxCrew crew({.program = script("kill -SEGV $$"), .data_dir = folder.path(), .jobs = 1});
  const auto answers = import(crew, {"/a.wav", "/b.wav"});
  for (const uint64_t ticket : {0u, 1u}) {
    EXPECT_EQ(answers.at(ticket).outcome.code, "E_WORKER");
    EXPECT_THAT(answers.at(ticket).outcome.message, HasSubstr("signal 11"));
  }
  EXPECT_EQ(crew.died(), 2u);
}

TEST_F(InboxCrewTest, EndsAWorkerThatTalksNonsense) {
  InboxCrew crew(
      {.program = script("echo hello; exec sleep 1000"), .data_dir = folder.path(), .jobs = 1});
  EXPECT_EQ(import(crew, {"/a.wav"}).at(0).outcome.code, "E_WORKER");
}

TEST_F(InboxCrewTest, SaysThatAWorkerCannotBeStarted) {
  InboxCrew crew({.program = folder.path() / "none", .data_dir = folder.path(), .jobs = 1});
  const auto given = crew.give(0, job_for("/a.wav", {}));
  ASSERT_FALSE(given.ok());
  EXPECT_EQ(given.error().code, "E_WORKER");
}

TEST_F(InboxCrewTest, StartsAWorkerAgainAfterARest) {
  InboxCrew crew({.program = EARFUL_AGENT_PROGRAM, .data_dir = folder.path(), .jobs = 1});
  const auto file = folder.write("a.wav", "x");
  import(crew, {file});
  crew.rest();
  EXPECT_EQ(import(crew, {file}).size(), 1u);
  EXPECT_EQ(crew.died(), 0u);
}

}  // namespace
}  // namespace earful::agent
