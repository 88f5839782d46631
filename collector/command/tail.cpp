#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "collector/command/command.h"
#include "collector/command/record_line.h"
#include "collector/store/store_reader.h"

namespace earful::collector {
namespace {

using namespace std::chrono_literals;

struct TailOptions {
  std::filesystem::path data;
  std::string from;
  bool follow = false;
  bool json = false;
};

// What a person sees without --from: the end of a screen.
constexpr uint64_t kLastLines = 20;
constexpr auto kFollowEvery = 200ms;

void print(const Page& page, bool json) {
  for (const Record& record : page.records) {
    std::puts(json ? record_json(record).c_str() : record_line(record).c_str());
  }
  std::fflush(stdout);
}

int tail(const TailOptions& options) {
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto reader = StoreReader::open(folder->store());
  if (!reader.ok()) return fail(reader.error());
  const auto head = reader->head();
  if (!head.ok()) return fail(head.error());
  FeedPosition at{head->store_epoch,
                  head->feed_seq > kLastLines && !options.json ? head->feed_seq - kLastLines : 0};
  if (!options.from.empty()) {
    const auto from = parse_position(options.from);
    if (!from) {
      return wrong_use("reading --from " + options.from +
                       ": a position is EPOCH:SEQ, as in the "
                       "first column; 0:0 is the beginning");
    }
    at = *from;
  }
  while (true) {
    const auto page = reader->read(at, kMaxReplay, {});
    if (!page.ok()) return fail(page.error());
    print(*page, options.json);
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
  command->callback([options, &exit] { exit = tail(*options); });
}

}  // namespace earful::collector
