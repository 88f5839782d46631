#include "agent/hour/plan.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "agent/hour/library_frame.h"
#include "proto/hour_fold.h"

namespace earful::agent {
namespace {

constexpr size_t kMaxStrataBytes = 16 * 1024;  // beside 800 calls and 400 strata in 64 KiB
constexpr std::array kWholeWeeks{1, 4, 52};
const WallTime kEver = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

// What a listener passed of one call: heard, or skipped as silence.
struct Passed {
  std::vector<Interval> stretches;
  bool opened_early = false;
};

Result<std::map<CallId, Passed>> passed_by(State& state, const ListenerId& listener) {
  EARFUL_ASSIGN(const std::vector<HeardSpan> spans, state.hours().heard_by(listener));
  std::map<CallId, Passed> passed;
  for (const HeardSpan& span : spans) {
    Passed& of = passed[span.call];
    of.stretches.insert(of.stretches.end(), span.heard.begin(), span.heard.end());
    of.stretches.insert(of.stretches.end(), span.silences.begin(), span.silences.end());
    of.opened_early |= span.opened_early;
  }
  return passed;
}

void mark_heard(const std::map<CallId, Passed>& passed, Frame& frame) {
  for (FrameCall& call : frame.calls) {
    const auto of = passed.find(call.id);
    call.heard = of != passed.end() &&
                 (of->second.opened_early || heard_enough(of->second.stretches, call.duration_ms));
  }
}

bool fills_the_hour(const Frame& frame) {
  int64_t unheard_ms = 0;
  for (const FrameCall& call : frame.calls) {
    const bool fits =
        call.duration_ms >= frame.rules.shortest_ms && call.duration_ms <= frame.rules.longest_ms;
    if (fits && !call.heard) unheard_ms += call.duration_ms;
  }
  return unheard_ms >= frame.rules.hour_ms;
}

std::string sha256_of(const std::string& text) {
  Sha256 hash;
  hash.add(text);
  const auto bytes = hash.finish();
  return {bytes.begin(), bytes.end()};
}

bool write_whole(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(size_t(written));
  }
  return ::fsync(file) == 0;
}

void sync_folder(const std::filesystem::path& dir) {
  const int folder = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

}  // namespace

Result<Frame> listener_frame(recorder::Library& library, State& state, const ListenerId& listener,
                             const SiteCalendar& calendar, const HourRules& rules, WallTime now) {
  EARFUL_ASSIGN(const auto passed, passed_by(state, listener));
  const Week week = calendar.week_of(now);
  for (const int weeks : kWholeWeeks) {
    Week first = week;
    for (int i = 0; i < weeks; ++i) first = calendar.before(first);
    EARFUL_ASSIGN(Frame frame, library_frame(library, first.from, week.from, rules));
    mark_heard(passed, frame);
    if (fills_the_hour(frame)) return frame;
  }
  EARFUL_ASSIGN(Frame frame, library_frame(library, kEver, now, rules));
  mark_heard(passed, frame);
  return frame;
}

HourPlanned plan_hour(const Frame& frame, const std::string& text, const Seed& seed,
                      const Week& week) {
  const HourDraw draw = draw_hour(frame, seed);
  HourPlanned plan{.week = week.first_day,
                   .iso_week = week.iso,
                   .since = frame.since,
                   .until = frame.until,
                   .seed = std::string(seed.begin(), seed.end()),
                   .frame_sha256 = sha256_of(text),
                   .hour_ms = frame.rules.hour_ms,
                   .shortest_ms = frame.rules.shortest_ms,
                   .longest_ms = frame.rules.longest_ms,
                   .frame_calls = uint32_t(frame.calls.size()),
                   .too_short = uint32_t(draw.too_short),
                   .too_long = uint32_t(draw.too_long),
                   .unheard = uint32_t(draw.unheard),
                   .heard = uint32_t(draw.heard),
                   .expected_ms = draw.expected_ms,
                   .deviation_ms = draw.deviation_ms};
  for (const Stratum stratum : frame.rules.strata) plan.strata.emplace_back(stratum_name(stratum));
  // Strata of which no call was drawn are left out: there may be many.
  std::map<size_t, uint32_t> places;
  for (const DrawnCall& one : draw.calls) {
    const FrameCall& call = frame.calls[one.call];
    HourCall drawn{.call = call.id,
                   .probability = one.probability,
                   .heard_before = call.heard,
                   .duration_ms = call.duration_ms};
    if (!call.heard) {
      const auto [place, fresh] = places.try_emplace(one.stratum, uint32_t(plan.drawn_from.size()));
      const StratumDraw& from = draw.strata[one.stratum];
      if (fresh) {
        plan.drawn_from.push_back({from.values, uint32_t(from.calls), uint32_t(from.drawn)});
      }
      drawn.stratum = place->second;
    }
    plan.calls.push_back(drawn);
  }
  // An event has a bound, and names have none: the calls matter more than what they stand for.
  size_t bytes = 0;
  for (const HourStratum& stratum : plan.drawn_from) {
    for (const std::string& value : stratum.values) bytes += value.size() + 2;
  }
  if (bytes > kMaxStrataBytes) {
    for (HourStratum& stratum : plan.drawn_from) stratum.values.clear();
  }
  return plan;
}

std::filesystem::path frame_path(const std::filesystem::path& dir, const std::string& sha256) {
  return dir / (to_hex(sha256) + ".jsonl");
}

Result<void> keep_frame(const std::filesystem::path& dir, const std::string& text) {
  const std::filesystem::path path = frame_path(dir, sha256_of(text));
  const auto failed = [&] {
    return Error{"E_DISK", "writing the frame " + path.string() + ": " + std::strerror(errno) +
                               "; no hour was drawn"};
  };
  if (::mkdir(dir.c_str(), 0700) == 0) {
    sync_folder(dir.parent_path());
  } else if (errno != EEXIST) {
    return failed();
  }
  const std::string fresh = path.string() + ".new";
  const int file =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return failed();
  const bool kept = write_whole(file, text) && ::rename(fresh.c_str(), path.c_str()) == 0;
  const Result<void> done = kept ? Result<void>() : failed();
  ::close(file);
  if (!kept) ::unlink(fresh.c_str());
  sync_folder(dir);
  return done;
}

}  // namespace earful::agent
