#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/live/capture_call.h"
#include "recorder/library/disk_reserve.h"
#include "recorder/library/repair.h"
#include "recorder/source/pcm_sink.h"

namespace earful::agent {
namespace {

// Facts that may be given as flags, with the names they have beside a recording.
constexpr std::array kFacts = {"external_id", "direction",  "queue",       "team",
                               "agent_ref",   "agent_name", "customer_id", "customer_tier",
                               "language",    "legs",       "labels"};

// How often the line on a terminal changes.
constexpr int kProgressMs = 500;

struct RecordOptions {
  std::filesystem::path data;
  CaptureProfile profile;
  double seconds = 0;  // 0: until it is stopped
  std::map<std::string, std::string> facts;
};

// What the call says while it goes on; told on its thread, read by the command.
class Told : public recorder::LiveSink {
 public:
  explicit Told(recorder::DiskReserve& reserve) : reserve_(reserve) {}
  void begun(const recorder::LiveStart& start) override { start_ = start; }
  void packet(const recorder::LivePacket&) override {}
  void note(const recorder::CallNote& note) override {
    std::fprintf(stderr, "\r%s\n", recorder::note_json(note).c_str());
  }
  void failed(const Error& error) override {
    error_ = error;
    // What comes next is to finish the call with what the disk has.
    if (error.code == "E_DISK_FULL") reserve_.give_up();
    over_ = true;
  }
  void ended() override { over_ = true; }
  bool awaited() const override { return false; }

  const recorder::LiveStart& start() const { return start_; }
  bool over() const { return over_; }
  const Error& error() const { return error_; }  // once it is over

 private:
  recorder::DiskReserve& reserve_;
  recorder::LiveStart start_;
  Error error_;
  std::atomic<bool> over_{false};
};

// SIGINT and SIGTERM, as something to wait for: they end the call instead of the program.
class StopSignals {
 public:
  StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
    EARFUL_CHECK(fd_ >= 0);
  }
  ~StopSignals() { close(fd_); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  // Whether one came within the time.
  bool wait(int ms) const {
    pollfd one{fd_, POLLIN, 0};
    return poll(&one, 1, ms) > 0;
  }

 private:
  int fd_;
};

std::string clock_text(Position position) {
  const auto seconds = (long long)(position / kPositionsPerSecond);
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld", seconds / 60, seconds % 60);
  return text;
}

Result<Facts> facts_of(const RecordOptions& options) {
  Facts facts;
  for (const auto& [name, value] : options.facts) {
    if (!value.empty()) EARFUL_TRY(set_fact(name, value, facts));
  }
  return facts;
}

Result<void> record(const RecordOptions& options) {
  EARFUL_TRY(make_data_dir(options.data));
  CaptureProfile profile = options.profile;
  EARFUL_ASSIGN(profile.defaults, facts_of(options));
  recorder::DiskReserve reserve(options.data);
  EARFUL_TRY(reserve.require_room());
  const auto library = library_dir(options.data);
  EARFUL_ASSIGN(recorder::Library calls, recorder::Library::open(library));
  EARFUL_TRY(recorder::repair_live_calls(calls));
  const StopSignals signals;  // before any thread is started
  Told told(reserve);
  EARFUL_ASSIGN(const auto call, start_live_call(profile, "", library, told));
  std::printf("%s\n", told.start().call.text().c_str());
  std::fflush(stdout);
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto last = Position(options.seconds * double(kPositionsPerSecond));
  Result<void> room;
  while (!told.over() && (last == 0 || call->position() < last)) {
    // That it cannot look says nothing about the call.
    if (room = reserve.require_room(); !room.ok() && room.error().code == "E_DISK_FULL") break;
    room = {};
    if (signals.wait(kProgressMs)) break;
    if (terminal) std::fprintf(stderr, "\rrecording %s ", clock_text(call->position()).c_str());
  }
  EARFUL_ASSIGN(const recorder::Call kept, call->stop());
  std::fprintf(stderr, "%sRecorded %s.\n", terminal ? "\r" : "", clock_text(kept.duration).c_str());
  if (told.over() && !told.error().code.empty()) return told.error();
  return room;
}

}  // namespace

void add_record(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("record", "Record one call until Ctrl-C, without a server");
  auto options = std::make_shared<RecordOptions>();
  options->profile.name = "record";
  add_data_option(*command, options->data);
  auto* source = command->add_option("--source", options->profile.source,
                                     "Where both legs come from: a device, file:PATH, tone:440");
  auto* agent = command->add_option("--agent", options->profile.agent, "Or: the agent's leg,");
  auto* customer = command->add_option("--customer", options->profile.customer, "the customer's");
  source->excludes(agent)->excludes(customer);
  agent->needs(customer);
  customer->needs(agent);
  command->add_option("--rate-hz", options->profile.rate_hz, "Asked of a device (0: its own)");
  command->add_option("--seconds", options->seconds, "End by itself after so much sound");
  for (const std::string name : kFacts) {
    std::string flag = "--" + name;
    for (char& c : flag) {
      if (c == '_') c = '-';
    }
    command->add_option(flag, options->facts[name], "What is known about the call");
  }
  command->callback([options, &exit] {
    if (options->profile.source.empty() && options->profile.agent.empty()) {
      exit = wrong_use("record needs --source, or --agent and --customer");
      return;
    }
    // Also refuses not-a-number.
    if (!(options->seconds >= 0 && options->seconds <= double(recorder::kMaxCallSeconds))) {
      exit = wrong_use("--seconds must be from 0 (until it is stopped) to " +
                       std::to_string(recorder::kMaxCallSeconds));
      return;
    }
    const auto done = record(*options);
    exit = done.ok() ? kExitOk : fail(done.error());
  });
}

}  // namespace earful::agent
