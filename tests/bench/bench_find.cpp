// How long a search takes among 5,000 calls with 20 tags each, notes in four languages:
//
//   bench_find FOLDER
//
// makes what is not yet in the folder, then prints per search the calls found and milliseconds
// (median and p99 of 50): the index, the page of 50 calls, and where the words stand in them.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "agent/finding/indexer.h"
#include "base/hash.h"

namespace earful::agent {
namespace {

constexpr int kCalls = 5000;
constexpr int kTags = 20;
constexpr int kRounds = 50;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

constexpr std::array kNotes = {
    "customer says the fee was charged twice and asks for a refund",
    "הלקוח חויב פעמיים בחשבונית ומבקש החזר",
    "고객이 두 번 청구되어 환불요청을 했습니다",
    "ລູກຄ້າບໍ່ພໍໃຈກັບການບໍລິການຫຼັງການຂາຍ",
    "waited 12 minutes, then the line dropped",
};

Result<void> fill(recorder::Library& library, State& state) {
  EARFUL_ASSIGN(const int64_t there, library.count());
  if (there > 0) return {};
  const std::vector<KindView> kinds = *state.kinds();
  uint64_t seq = 0;
  EARFUL_TRY(state.begin());
  for (int i = 0; i < kCalls; ++i) {
    recorder::Call call;
    call.id = CallId{make_uuid_v8(view(generichash("call " + std::to_string(i))))};
    call.snapshot.queue = i % 3 ? "billing" : "support";
    call.snapshot.external_id = "tel-" + std::to_string(i);
    call.agent_name = i % 2 ? "Dana Cohen" : "김민지";
    call.added_at = WallTime(std::chrono::milliseconds(1'700'000'000'000 + i * 60'000LL));
    EARFUL_TRY(library.add(call));
    for (int k = 0; k < kTags; ++k) {
      Event event;
      event.id = EventId{make_uuid_v7(wall_now())};
      event.source = StationId{make_uuid_v8("0123456789abcdef")};
      event.time = wall_now();
      event.subject = call.id;
      event.personal.note = kNotes[size_t(i + k * k) % kNotes.size()];
      event.personal.note += " " + std::to_string(i * kTags + k);
      Tagged tagged;
      tagged.kind = kinds[size_t(i + k) % kinds.size()].kind.id;
      event.payload = tagged;
      EARFUL_TRY(state.apply_own(event, encode_event(event), ++seq));
    }
  }
  return state.commit();
}

Result<void> measure(const char* text, FindIndex& index, recorder::Library& library, State& state) {
  std::vector<double> taken;
  size_t found = 0, marked = 0;
  for (int round = 0; round < kRounds; ++round) {
    recorder::CallQuery none;
    none.among.emplace();
    EARFUL_TRY(library.list(none));  // as when something else was asked before
    const auto start = Clock::now();
    EARFUL_ASSIGN(const Sought sought, Sought::parse(text));
    EARFUL_ASSIGN(const std::vector<KindView> kinds, state.kinds());
    const KindNames names(kinds);
    recorder::CallQuery query;
    EARFUL_ASSIGN(query.among, index.find(sought, ""));
    found = query.among->size();
    EARFUL_ASSIGN(const recorder::CallPage page, library.list(query));
    marked = 0;
    for (const recorder::Call& call : page.calls) {
      EARFUL_ASSIGN(const std::vector<TagView> tags, state.tags_of(call.id));
      marked += matches_in(texts_of(call, tags, names), sought).empty() ? 0 : 1;
    }
    taken.push_back(ms_since(start));
  }
  std::sort(taken.begin(), taken.end());
  std::printf("%-24s %6zu found  %3zu marked  median %6.2f ms  p99 %6.2f ms\n", text, found, marked,
              taken[kRounds / 2], taken[kRounds * 99 / 100]);
  return {};
}

Result<void> run(const std::filesystem::path& dir) {
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(dir / "library"));
  EARFUL_ASSIGN(State state, State::open(dir / "state.db", false));
  EARFUL_TRY(fill(library, state));
  const auto start = Clock::now();
  EARFUL_ASSIGN(Indexer indexer,
                Indexer::open({dir / "find.db", dir / "library", dir / "state.db"}));
  for (bool more = true; more;) {
    EARFUL_ASSIGN(more, indexer.look({}));
  }
  std::printf("index brought up in %.0f ms, %ju bytes\n", ms_since(start),
              uintmax_t(std::filesystem::file_size(dir / "find.db")));
  EARFUL_ASSIGN(FindIndex index, FindIndex::open(dir / "find.db", true));
  for (const char* text : {"refund", "fee twice dana", "b", "tel 4711", "환불", "ບໍລິການ", "חשבונית",
                           "ກ", "billing refund 환불 ບໍລິການ", "nothing like it"}) {
    EARFUL_TRY(measure(text, index, library, state));
  }
  return {};
}

}  // namespace
}  // namespace earful::agent

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_find FOLDER\n", stderr);
    return 2;
  }
  const auto done = earful::agent::run(argv[1]);
  if (!done.ok()) std::fprintf(stderr, "bench_find: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
