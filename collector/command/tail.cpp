#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "collector/command/command.h"
#include "collector/command/record_line.h"
#include "collector/feed/feed_client.h"
#include "collector/store/store_reader.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

struct TailOptions {
  std::filesystem::path data;
  std::string from;
  bool follow = false;
  bool json = false;
  std::string connect;
};

// What a person sees without --from: the end of a screen.
constexpr uint64_t kLastLines = 20;
constexpr auto kFollowEvery = 200ms;

// The tag book as far as it is known: all of the store's, or what went by.
struct TailBook {
  TagbookFold fold;
  FeedPosition at{};

  void add(const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (!record.quarantine.empty()) continue;
      if (const auto event = decode_event(record.raw); event.ok()) fold.add(*event);
    }
  }
  Result<void> read(StoreReader& reader) {
    while (true) {
      EARFUL_ASSIGN(const Page page, reader.read(at, kMaxReplay, {tagbook_types(), {}}));
      add(page.records);
      at = page.next;
      if (page.next == page.head) return {};
    }
  }
};

void print(const std::vector<Record>& records, const TagbookFold& book, bool json) {
  for (const Record& record : records) {
    std::puts(json ? record_json(record).c_str() : record_line(record, book).c_str());
  }
  std::fflush(stdout);
}

// A collector that does not answer is worth a word, not a wait for ever.
constexpr auto kFirstAnswer = 10s;

// Over feed and desk, with what an invitation for a reader became.
int tail_connected(const TailOptions& options, FeedPosition from) {
  const auto kept = reader_identity_path(options.connect);
  if (auto folder = DataFolder::open(kept.parent_path()); !folder.ok()) return fail(folder.error());
  const auto upstream = join_upstream(options.connect, kept);
  if (!upstream.ok()) return fail(upstream.error());
  auto client = FeedClient::connect(*upstream, StoreId{}, from);
  if (!client.ok()) return fail(client.error());
  const auto begun = std::chrono::steady_clock::now();
  bool answered = false;
  TailBook book;
  while (true) {
    const auto records = (*client)->wait(kFollowEvery, nullptr);
    if (!records.ok()) return fail(records.error());
    book.add(*records);
    print(*records, book.fold, options.json);
    answered = answered || (*client)->caught_up() || !records->empty();
    if (!answered && std::chrono::steady_clock::now() - begun > kFirstAnswer) {
      return fail({"E_UNREACHABLE", "reading " + upstream->desk() +
                                        ": no answer; is the collector running, and this key "
                                        "still let in?"});
    }
    if ((*client)->caught_up() && !options.follow) return kExitOk;
    if (std::ferror(stdout)) return kExitFailed;
  }
}

int tail(const TailOptions& options) {
  FeedPosition from;
  if (!options.from.empty()) {
    const auto position = parse_position(options.from);
    if (!position) {
      return wrong_use("reading --from " + options.from +
                       ": a position is EPOCH:SEQ, as in the "
                       "first column; 0:0 is the beginning");
    }
    from = *position;
  }
  if (!options.connect.empty()) return tail_connected(options, from);
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto reader = StoreReader::open(folder->store());
  if (!reader.ok()) return fail(reader.error());
  const auto head = reader->head();
  if (!head.ok()) return fail(head.error());
  FeedPosition at{head->store_epoch,
                  head->feed_seq > kLastLines && !options.json ? head->feed_seq - kLastLines : 0};
  if (!options.from.empty()) at = from;
  TailBook book;
  while (true) {
    const auto page = reader->read(at, kMaxReplay, {});
    if (!page.ok()) return fail(page.error());
    if (const auto known = book.read(*reader); !known.ok()) return fail(known.error());
    print(page->records, book.fold, options.json);
    at = page->next;
    if (page->next != page->head) continue;
    if (!options.follow) return kExitOk;
    if (std::ferror(stdout)) return kExitFailed;
    std::this_thread::sleep_for(kFollowEvery);
  }
}

}  // namespace

void add_tail(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("tail", "Print events in the order in which they were stored");
  auto options = std::make_shared<TailOptions>();
  add_data_option(*command, options->data);
  command->add_option("--from", options->from,
                      "Position EPOCH:SEQ to begin after; 0:0 is the beginning (default: the last "
                      "20; all with --json)");
  command->add_flag("--follow,-f", options->follow, "Wait for more");
  command->add_flag("--json", options->json, "One JSON object a line (CloudEvents attributes)");
  command->add_option("--connect", options->connect,
                      "Read a collector elsewhere: an invite line for a reader, or its file");
  command->callback([options, &exit] { exit = tail(*options); });
}

}  // namespace earful::collector
