// Hears live sources and prints what came, for tests that play into a real sound server:
//
//   earful-live-probe SECONDS SOURCE[,rate=N][,channels=N] ...
//
// Obeys lines on stdin: "pause N", "resume N", "hang N" (stops the capture child of leg N) and
// "end". On stdout, one JSON object a line: {"leg","opened",...} once, then for each block
// {"leg","samples","end_ns","rate_hz"} with "gap" and "paused" where they apply. The samples of leg
// N are written to the file leg-N.raw in the current folder.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "recorder/source/capture_child.h"
#include "recorder/source/device_source.h"

namespace earful::recorder {
namespace {

using namespace std::chrono_literals;

DeviceRequest request_of(std::string text) {
  DeviceRequest request;
  while (text.find(",rate=") != std::string::npos || text.find(",channels=") != std::string::npos) {
    const size_t at = text.rfind(',');
    const std::string field = text.substr(at + 1);
    const int value = std::atoi(field.substr(field.find('=') + 1).c_str());
    (field.starts_with("rate=") ? request.rate_hz : request.channels) = value;
    text.resize(at);
  }
  request.name = text;
  return request;
}

struct Leg {
  size_t number;
  std::unique_ptr<DeviceSource> source;
  std::ofstream raw;

  void hear(std::chrono::milliseconds wait) {
    const auto block = source->read(wait);
    if (!block || block->samples.empty()) return;
    raw.write(reinterpret_cast<const char*>(block->samples.data()),
              std::streamsize(block->samples.size_bytes()));
    std::printf("{\"leg\":%zu,\"samples\":%zu,\"end_ns\":%lld,\"rate_hz\":%d", number,
                block->samples.size() / size_t(block->format.channels),
                static_cast<long long>(block->end.count()), block->format.rate_hz);
    if (block->gap) {
      std::printf(",\"gap\":{\"cause\":\"%s\",\"samples\":%lld}",
                  std::string(name_of(block->gap->cause)).c_str(),
                  static_cast<long long>(block->gap->samples));
    }
    std::printf("%s}\n", block->paused ? ",\"paused\":true" : "");
    raw.flush();
    std::fflush(stdout);
  }
};

// False at "end".
bool obey(const std::string& line, std::vector<Leg>& legs) {
  const size_t number = line.find(' ') == std::string::npos
                            ? 0
                            : size_t(std::atoi(line.substr(line.find(' ')).c_str()));
  if (number >= legs.size()) return true;
  DeviceSource& source = *legs[number].source;
  if (line.starts_with("pause")) source.pause(true);
  if (line.starts_with("resume")) source.pause(false);
  if (line.starts_with("hang") && source.child() > 0) kill(source.child(), SIGSTOP);
  return !line.starts_with("end");
}

int run(double seconds, const std::vector<std::string>& names) {
  std::vector<Leg> legs;
  for (const std::string& name : names) {
    auto source = DeviceSource::open(request_of(name));
    if (!source) {
      std::fprintf(stderr, "%s\n", source.error().message.c_str());
      return 1;
    }
    const size_t number = legs.size();
    std::printf("{\"leg\":%zu,\"opened\":true,\"rate_hz\":%d,\"channels\":%d,\"child\":%d}\n",
                number, (*source)->format().rate_hz, (*source)->format().channels,
                (*source)->child());
    std::fflush(stdout);
    legs.push_back({number, std::move(*source),
                    std::ofstream("leg-" + std::to_string(number) + ".raw", std::ios::binary)});
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::string said;
  while (std::chrono::steady_clock::now() < end) {
    for (Leg& leg : legs) leg.hear(5ms);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, 0) <= 0) continue;
    char some[256];
    const ssize_t got = read(STDIN_FILENO, some, sizeof some);
    if (got <= 0) return 0;
    said.append(some, size_t(got));
    for (size_t at = said.find('\n'); at != std::string::npos; at = said.find('\n')) {
      if (!obey(said.substr(0, at), legs)) return 0;
      said.erase(0, at + 1);
    }
  }
  return 0;
}

}  // namespace
}  // namespace earful::recorder

int main(int argc, char** argv) {
  using namespace earful::recorder;
  if (argc == 2 && std::strcmp(argv[1], "capture-child") == 0) return run_capture_child();
  if (argc < 3) return 2;
  return run(std::atof(argv[1]), {argv + 2, argv + argc});
}
