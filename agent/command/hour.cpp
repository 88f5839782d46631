#include <CLI/CLI.hpp>
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/command/command.h"
#include "agent/hour/draw.h"
#include "agent/hour/library_frame.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::days kPeriod{7};

struct HourOptions {
  std::filesystem::path data;
  std::filesystem::path frame, save_frame;
  std::string since, until, seed;
  int64_t minutes = 60;
  std::vector<std::string> strata = {"queue", "length"};
  bool json = false;
};

// A day in UTC, or a moment.
Result<WallTime> time_of(const std::string& option, const std::string& text, WallTime otherwise) {
  if (text.empty()) return otherwise;
  auto time = parse_rfc3339(text);
  if (!time) time = parse_rfc3339(text + "T00:00:00Z");
  if (time) return *time;
  return Error{"E_USE", option +
                            " is a day or a moment, such as 2026-11-15 or "
                            "2026-11-15T08:00:00+09:00, not " +
                            text};
}

Result<Frame> frame_of_library(const HourOptions& options) {
  HourRules rules;
  rules.hour_ms = options.minutes * 60'000;
  rules.longest_ms = rules.hour_ms / 2;
  rules.strata.clear();
  for (const std::string& name : options.strata) {
    const auto stratum = parse_stratum(name);
    if (!stratum && !name.empty()) {
      return Error{"E_USE",
                   "--strata are some of queue, team, language, tier, length, not " + name};
    }
    if (stratum) rules.strata.push_back(*stratum);
  }
  EARFUL_ASSIGN(const WallTime until, time_of("--until", options.until, wall_now()));
  EARFUL_ASSIGN(const WallTime since, time_of("--since", options.since, until - kPeriod));
  if (since >= until) return Error{"E_USE", "--since is not before --until"};
  const std::filesystem::path folder = options.data / "library";
  std::error_code fault;
  if (!std::filesystem::exists(folder / "library.db", fault)) {
    return Error{"E_NO_CALL", "opening " + folder.string() + ": there are no calls yet"};
  }
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(folder));
  return library_frame(library, since, until, rules);
}

Result<std::string> file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text, piece(1 << 16, '\0');
  while (file.read(piece.data(), long(piece.size())) || file.gcount() > 0) {
    text.append(piece, 0, size_t(file.gcount()));
  }
  if (file.bad() || !file.eof()) {
    return Error{"E_FILE", "reading the frame " + path.string() + ": it cannot be read"};
  }
  return text;
}

Result<Seed> seed_of(const std::string& hex) {
  Seed seed{};
  if (hex.empty()) {
    fill_random(seed);
    return seed;
  }
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != seed.size()) {
    return Error{"E_USE", "--seed is 64 hexadecimal digits"};
  }
  std::copy(bytes->begin(), bytes->end(), seed.begin());
  return seed;
}

Result<void> save(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (!file)
    return Error{"E_FILE", "writing the frame " + path.string() + ": it cannot be written"};
  return {};
}

Json json_of(const Frame& frame, const Seed& seed, const HourDraw& draw,
             const std::string& frame_hash) {
  Json strata = Json::array();
  for (const StratumDraw& one : draw.strata) {
    strata.push_back({{"values", one.values}, {"calls", one.calls}, {"drawn", one.drawn}});
  }
  Json calls = Json::array();
  for (const DrawnCall& one : draw.calls) {
    const FrameCall& call = frame.calls[one.call];
    Json line{{"id", call.id.text()}, {"ms", call.duration_ms}, {"probability", one.probability}};
    line["stratum"] = call.heard ? Json() : Json(one.stratum);
    calls.push_back(std::move(line));
  }
  return {{"since", format_rfc3339(frame.since)},
          {"until", format_rfc3339(frame.until)},
          {"seed", to_hex(seed)},
          {"frame_sha256", frame_hash},
          {"frame_calls", frame.calls.size()},
          {"too_short", draw.too_short},
          {"too_long", draw.too_long},
          {"unheard", draw.unheard},
          {"heard", draw.heard},
          {"expected_ms", draw.expected_ms},
          {"deviation_ms", draw.deviation_ms},
          {"strata", std::move(strata)},
          {"calls", std::move(calls)}};
}

void print(const Frame& frame, const Seed& seed, const HourDraw& draw,
           const std::string& frame_hash) {
  std::printf("Drawn from %zu calls, %s to %s; %zu too short and %zu too long to be drawn.\n",
              frame.calls.size(), format_rfc3339(frame.since).c_str(),
              format_rfc3339(frame.until).c_str(), draw.too_short, draw.too_long);
  if (draw.calls.empty()) {
    std::puts("No call can be drawn from these.");
    return;
  }
  std::printf("%zu calls; such an hour lasts %.0f min on average, give or take %.0f.\n",
              draw.calls.size(), draw.expected_ms / 60'000, draw.deviation_ms / 60'000);
  for (const DrawnCall& one : draw.calls) {
    const FrameCall& call = frame.calls[one.call];
    std::printf("  %s  %3" PRId64 ":%02" PRId64 "  1 in %-7.4g  %s%s\n", call.id.text().c_str(),
                call.duration_ms / 60'000, call.duration_ms / 1000 % 60, 1 / one.probability,
                call.queue.c_str(), call.heard ? "  (heard before)" : "");
  }
  std::printf("seed          %s\nframe sha256  %s\n", to_hex(seed).c_str(), frame_hash.c_str());
}

Result<void> run(const HourOptions& options) {
  EARFUL_ASSIGN(const Seed seed, seed_of(options.seed));
  Frame frame;
  std::string text;
  if (options.frame.empty()) {
    EARFUL_ASSIGN(frame, frame_of_library(options));
    text = frame_text(frame);
  } else {
    EARFUL_ASSIGN(text, file_text(options.frame));
    EARFUL_ASSIGN(frame, parse_frame(text));
  }
  if (!options.save_frame.empty()) EARFUL_TRY(save(options.save_frame, text));
  Sha256 hash;
  hash.add(text);
  const std::string frame_hash = to_hex(hash.finish());
  const HourDraw draw = draw_hour(frame, seed);
  if (options.json) {
    std::puts(json_of(frame, seed, draw, frame_hash)
                  .dump(-1, ' ', false, Json::error_handler_t::replace)
                  .c_str());
  } else {
    print(frame, seed, draw, frame_hash);
  }
  return {};
}

}  // namespace

void add_hour(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand(
      "hour", "Draw a listening hour at random, or draw one again (docs/sampling.md)");
  auto options = std::make_shared<HourOptions>();
  add_data_option(*command, options->data);
  command->add_option("--since", options->since, "First day or moment (default: 7 days before)");
  command->add_option("--until", options->until, "Day or moment that is not in it (default: now)");
  command->add_option("--minutes", options->minutes, "How long the hour is (60)")
      ->check(CLI::Range(int64_t(1), int64_t(1440)));
  command
      ->add_option("--strata", options->strata, "Of each its share (queue,length); \"\" for none")
      ->delimiter(',');
  command->add_option("--seed", options->seed, "64 hexadecimal digits (default: random)");
  auto* frame = command->add_option("--frame", options->frame, "Draw from this saved frame");
  command->add_option("--save-frame", options->save_frame, "Write the frame it was drawn from");
  command->add_flag("--json", options->json, "For programs");
  for (const char* other : {"--since", "--until", "--minutes", "--strata"}) {
    frame->excludes(command->get_option(other));
  }
  command->callback([options, &exit] {
    const auto done = run(*options);
    if (done.ok()) {
      exit = kExitOk;
    } else {
      exit = done.error().code == "E_USE" ? wrong_use(done.error().message) : fail(done.error());
    }
  });
}

}  // namespace earful::agent
