// repaired_call LIBRARY CALL: repairs what a power cut left there, as the next start does, and
// prints how many milliseconds of the call can be decoded, or "gone". Exit 1, with the reason, for
// anything that must not be.
#include <cstdio>

#include "recorder/codec/call_reader.h"
#include "recorder/library/library.h"
#include "recorder/library/repair.h"

namespace {

using namespace earful;

Result<void> show(const char* folder, const CallId& id) {
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(folder));
  EARFUL_ASSIGN(const recorder::Repairs repairs, recorder::repair_live_calls(library));
  if (repairs.failed > 0) return Error{"E_REPAIR", "a call could not be repaired"};
  EARFUL_ASSIGN(const std::optional<recorder::Call> call, library.find(id));
  if (!call) {
    std::puts("gone");
    return {};
  }
  if (call->live) return Error{"E_REPAIR", "the call is still live"};
  EARFUL_ASSIGN(const recorder::CallContent content, recorder::read_call(library.audio_path(id)));
  if (content.duration != call->duration) {
    return Error{"E_REPAIR", "the index and the file do not agree on its length"};
  }
  std::printf("%lld\n", (long long)(content.duration * 1000 / kPositionsPerSecond));
  return {};
}

}  // namespace

int main(int count, char** words) {
  const auto id = count == 3 ? CallId::parse(words[2]) : std::nullopt;
  if (!id) return 2;
  const auto shown = show(words[1], *id);
  if (!shown.ok()) std::fprintf(stderr, "%s\n", shown.error().message.c_str());
  return shown.ok() ? 0 : 1;
}
