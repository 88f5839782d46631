// A scribe in a folder of its own, and a store whose feed it reads.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/journal/journal_scribe.h"
#include "agent/state/state.h"
#include "tests/temporary_folder.h"

namespace earful::agent {

inline CallId a_call() { return CallId{make_uuid_v8(std::string(32, 'c'))}; }

class ScribeTest : public ::testing::Test {
 protected:
  ScribeTest() { start(); }

  void start() {
    scribe_.reset();
    auto started = JournalScribe::start({.data_dir = folder_.path(),
                                         .station = station_,
                                         .notify =
                                             [this](const Notice& notice) {
                                               const std::lock_guard lock(mutex_);
                                               notices_.push_back(notice);
                                             },
                                         .on_head = {},
                                         .make_room = make_room_});
    ASSERT_TRUE(started.ok()) << started.error().message;
    scribe_ = std::move(*started);
  }

  Event event(Payload payload, const std::string& note = "") {
    Event made;
    made.id = EventId{make_uuid_v7(wall_now())};
    made.source = station_;
    made.time = wall_now();
    made.subject = a_call();
    made.personal.note = note;
    made.payload = std::move(payload);
    return made;
  }

  Event tag(const std::string& note = "") {
    return event(Tagged{.kind = "fault", .pressed = 5, .end = 9}, note);
  }

  Result<Saved> save(const Event& made) {
    std::promise<Result<Saved>> answer;
    auto saved = answer.get_future();
    scribe_->append(made, [&](Result<Saved> result) { answer.set_value(std::move(result)); });
    return saved.get();
  }

  // The store has it, as the record with this number; whether the state took it.
  bool feed(const Event& made, uint64_t feed_seq) {
    const State::Cursor to{store_, {1, feed_seq}};
    Record record{.position = to.position, .raw = encode_event(made)};
    std::promise<bool> taken;
    scribe_->records({fed_, {record}, to}, [&](bool all) { taken.set_value(all); });
    fed_ = to;
    return taken.get_future().get();
  }

  void make_state_anew() {
    scribe_.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(folder_.path() / ("state.db" + std::string(suffix)));
    }
    start();
  }

  std::vector<TagView> tags() {
    return *State::open(folder_.path() / "state.db", true)->tags_of(a_call());
  }

  const StationId station_{make_uuid_v4()};
  TemporaryFolder folder_;
  std::mutex mutex_;
  std::vector<Notice> notices_;
  std::function<bool()> make_room_;
  std::unique_ptr<JournalScribe> scribe_;
  const StoreId store_{make_uuid_v4()};
  State::Cursor fed_;
};

}  // namespace earful::agent
