#include "agent/import/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <fstream>
#include <map>

namespace earful::agent {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class WorkersTest : public testing::Test {
 protected:
  WorkersTest() {
    std::string pattern = testing::TempDir() + "workersXXXXXX";
    EARFUL_CHECK(mkdtemp(pattern.data()) != nullptr);
    dir_ = pattern;
    for (int i = 0; i < 10; ++i) {
      files_.push_back(dir_ / (std::to_string(i) + ".txt"));
      std::ofstream(files_.back()) << "no recording";
    }
  }
  ~WorkersTest() override { fs::remove_all(dir_); }

  std::map<size_t, Outcome> run(int jobs, const std::function<Result<Importer>()>& make) {
    std::map<size_t, Outcome> outcomes;
    EXPECT_TRUE(import_side_by_side(files_, jobs, make, [&](size_t number, const Outcome& outcome) {
                  EXPECT_TRUE(outcomes.emplace(number, outcome).second);
                }).ok());
    return outcomes;
  }
  Result<Importer> importer() const { return Importer::open(dir_, {}); }

  fs::path dir_;
  std::vector<fs::path> files_;
};

TEST_F(WorkersTest, GiveEveryFileOneOutcome) {
  for (const int jobs : {1, 3, 20}) {
    const auto outcomes = run(jobs, [&] { return importer(); });
    ASSERT_EQ(outcomes.size(), files_.size());
    EXPECT_EQ(outcomes.at(4).code, "E_TYPE");
    EXPECT_THAT(outcomes.at(4).message, HasSubstr("looks like text"));
  }
}

TEST_F(WorkersTest, LoseOneFileToAWorkerThatDiesAndGoOn) {
  const auto outcomes = run(2, [&]() -> Result<Importer> {
    raise(SIGKILL);
    return importer();
  });
  ASSERT_EQ(outcomes.size(), files_.size());
  EXPECT_EQ(outcomes.at(0).code, "E_WORKER");
  EXPECT_THAT(outcomes.at(0).message, HasSubstr("signal 9"));
}

TEST_F(WorkersTest, RefuseEveryFileWhenTheLibraryCannotBeOpened) {
  const auto outcomes = run(1, []() -> Result<Importer> { return Error{"E_DB_IO", "no: room"}; });
  EXPECT_EQ(outcomes.at(9).code, "E_DB_IO");
}

}  // namespace
}  // namespace earful::agent
