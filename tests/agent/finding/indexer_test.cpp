#include "agent/finding/indexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/hash.h"
#include "tests/temporary_folder.h"

namespace earful::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class IndexerTest : public testing::Test {
 protected:
  IndexerTest()
      : library(*recorder::Library::open(files.library_dir)),
        state(*State::open(files.state, false)) {
    open();
  }

  void open() {
    indexer.reset();
    indexer = *Indexer::open(files);
    reader.reset();
    reader = *FindIndex::open(files.index, true);
    look();
  }
  void look(std::vector<CallId> changed = {}) {
    auto looked = indexer->look(changed);
    while (looked.ok() && *looked) looked = indexer->look({});
    EXPECT_TRUE(looked.ok()) << looked.error().message;
  }
  CallId add_call(const std::string& queue) {
    recorder::Call call;
    call.id = CallId{make_uuid_v8(view(generichash(queue)))};
    call.snapshot.queue = queue;
    EXPECT_TRUE(library.add(call).ok());
    return call.id;
  }
  EventId apply(std::optional<CallId> call, Payload payload, const std::string& note = "") {
    Event event;
    event.id = EventId{make_uuid_v7(wall_now())};
    event.source = StationId{make_uuid_v8("0123456789abcdef")};
    event.time = wall_now();
    event.subject = call;
    event.payload = std::move(payload);
    event.personal.note = note;
    EXPECT_TRUE(state.apply_own(event, encode_event(event), ++seq).ok());
    return event.id;
  }
  EventId tag(const CallId& call, const std::string& kind, const std::string& note) {
    Tagged tagged;
    tagged.kind = kind;
    return apply(call, tagged, note);
  }
  std::map<std::string, std::string> names_of(const std::string& kind) {
    return (*state.kind(kind))->kind.labels;
  }
  std::vector<CallId> find(const std::string& words, const std::string& kind = "") {
    auto found = reader->find(*Sought::parse(words), kind);
    if (found.ok()) return std::move(*found);
    ADD_FAILURE() << words << ": " << found.error().message;
    return {};
  }

  TemporaryFolder dir;
  Indexer::Files files{dir.path() / "find.db", dir.path() / "library", dir.path() / "state.db"};
  recorder::Library library;
  State state;
  std::optional<Indexer> indexer;
  std::optional<FindIndex> reader;
  uint64_t seq = 0;
};

TEST_F(IndexerTest, FindsACallThatCame) {
  const CallId call = add_call("billing");
  add_call("sales");
  look();
  EXPECT_THAT(find("billing"), ElementsAre(call));
}

TEST_F(IndexerTest, FindsNotesAndKindsInEveryLanguage) {
  const CallId call = add_call("billing");
  tag(call, "wrong-charge", "ຄ່າບໍລິການ twice");
  look({call});
  EXPECT_THAT(find("ບໍລິການ"), ElementsAre(call));
  EXPECT_THAT(find("billing twice"), ElementsAre(call));
  for (const auto& [language, label] : names_of("wrong-charge")) {
    EXPECT_THAT(find(label), ElementsAre(call)) << language;
  }
}

TEST_F(IndexerTest, FindsACallByTheKindOfATag) {
  const CallId call = add_call("billing");
  add_call("sales");
  tag(call, "wrong-charge", "");
  look({call});
  EXPECT_THAT(find("", "wrong-charge"), ElementsAre(call));
  EXPECT_THAT(find("billing", "wrong-charge"), ElementsAre(call));
  EXPECT_THAT(find("", "fault"), IsEmpty());
}

TEST_F(IndexerTest, FindsNoMoreWhatWasTakenBackOrReworded) {
  const CallId call = add_call("billing");
  const EventId kept = tag(call, "fault", "first");
  const EventId gone = tag(call, "wrong-charge", "second");
  look({call});
  EXPECT_THAT(find("first second"), ElementsAre(call));
  TagRevised revised;
  revised.tag = kept;
  revised.note_revised = true;
  apply(call, revised, "third");
  apply(call, TagRetracted{gone});
  look({call});
  EXPECT_THAT(find("first"), IsEmpty());
  EXPECT_THAT(find("second"), IsEmpty());
  EXPECT_THAT(find("", "wrong-charge"), IsEmpty());
  EXPECT_THAT(find("third"), ElementsAre(call));
}

TEST_F(IndexerTest, FollowsANewNameOfAKind) {
  const CallId call = add_call("billing");
  tag(call, "fault", "");
  look({call});
  TagKind renamed;
  renamed.id = "fault";
  renamed.labels = {{"en", "Outage"}};
  apply(std::nullopt, TagKindDefined{renamed});
  look();
  EXPECT_THAT(find("outage"), ElementsAre(call));
}

TEST_F(IndexerTest, FindsATagOfAMergedKindByItsOwnNameAndByWhatItWentInto) {
  const CallId call = add_call("billing");
  tag(call, "fault", "");
  look({call});
  EXPECT_THAT(find("charged twice"), IsEmpty());
  TagKind kept;
  kept.id = "double-charge";
  kept.labels = {{"en", "Charged twice"}};
  apply(std::nullopt, TagKindDefined{kept});
  apply(std::nullopt, TagKindMerged{"fault", "double-charge"});
  look();
  EXPECT_THAT(find("charged twice"), ElementsAre(call));
  EXPECT_THAT(find("", "double-charge"), ElementsAre(call));
  EXPECT_THAT(find(names_of("fault").at("en")), ElementsAre(call));
}

TEST_F(IndexerTest, FindsNoMoreACallThatWasForgotten) {
  recorder::Call live;
  live.id = CallId{make_uuid_v8(view(generichash("live")))};
  live.snapshot.queue = "billing";
  ASSERT_TRUE(library.begin_live(live).ok());
  look();
  EXPECT_THAT(find("billing"), ElementsAre(live.id));
  ASSERT_TRUE(library.forget_live(live.id).ok());
  look();
  EXPECT_THAT(find("billing"), IsEmpty());
}

TEST_F(IndexerTest, WritesALotInPiecesAndWhatJustChangedFirst) {
  std::vector<CallId> calls;
  for (int i = 0; i < 270; ++i) calls.push_back(add_call("queue " + std::to_string(i)));
  const CallId last = *std::max_element(calls.begin(), calls.end());
  tag(last, "fault", "noted");
  EXPECT_TRUE(*indexer->look(std::vector{last}));
  EXPECT_THAT(find("noted"), ElementsAre(last));
  EXPECT_LT(find("queue").size(), calls.size());
  look();
  EXPECT_EQ(find("queue").size(), calls.size());
}

TEST_F(IndexerTest, IsMadeAgainWhenItsFileIsGoneOrDamaged) {
  const CallId call = add_call("billing");
  tag(call, "fault", "noted");
  for (const std::string bytes :
       {"", "this is no database, and longer than a header of one would be"}) {
    indexer.reset();
    reader.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(files.index.string() + end);
    }
    if (!bytes.empty()) dir.write("find.db", bytes);
    open();
    EXPECT_THAT(find("billing noted"), ElementsAre(call));
  }
}

TEST_F(IndexerTest, IsMadeAgainWhenItIsDamagedBeyondItsFirstPage) {
  std::vector<CallId> calls;
  for (int i = 0; i < 300; ++i) calls.push_back(add_call("queue " + std::to_string(i)));
  look();
  reader.reset();
  indexer.reset();
  const auto size = std::filesystem::file_size(files.index);
  ASSERT_GT(size, 8u * 4096);
  std::fstream file(files.index, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(size - 4096, '\x5a');
  file.close();
  open();
  EXPECT_EQ(find("queue").size(), calls.size());
}

TEST_F(IndexerTest, KeepsNoWordThatWasRemoved) {
  const CallId call = add_call("billing");
  const EventId noted = tag(call, "fault", "unforgettable");
  look({call});
  const auto in_file = [&] {
    std::string all;
    for (const char* end : {"", "-wal"}) {
      std::ifstream file(files.index.string() + end, std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all.find("unforgettable") != std::string::npos;
  };
  reader.reset();
  indexer.reset();  // out of the log and into the file
  EXPECT_TRUE(in_file());
  open();
  apply(call, TagRetracted{noted});
  look({call});
  ASSERT_TRUE(indexer->forget_removed().ok());
  reader.reset();
  indexer.reset();
  EXPECT_FALSE(in_file());
}

TEST_F(IndexerTest, CatchesUpWithWhatChangedWhileItWasNotThere) {
  const CallId call = add_call("billing");
  look();
  tag(call, "fault", "meanwhile");
  const CallId other = add_call("sales");
  open();
  EXPECT_THAT(find("meanwhile"), ElementsAre(call));
  EXPECT_THAT(find("sales"), ElementsAre(other));
}

}  // namespace
}  // namespace earful::agent
