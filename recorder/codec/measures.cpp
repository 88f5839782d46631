#include "recorder/codec/measures.h"

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace earful::recorder {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kFullScale = 32768;
// The loudest value of a mu-law line is 32,124; nothing unclipped stays above this.
constexpr int kClipLevel = 32000;
constexpr int64_t kClipRun = 3;
// Loudness leaves out every block of 400 ms below -70 LUFS, and its filter lifts nothing by more
// than 4 dB. So frames this quiet after kQuietFrames of their like change nothing, and need no
// filtering: a leg is silent about half of the time.
constexpr double kQuiet = 3e-8;  // -75 dBFS
constexpr int kQuietFrames = 25;

// Samples that stand still at the edge.
int64_t clipped_in(std::span<const int16_t> samples) {
  int64_t clipped = 0;
  for (size_t at = 0; at < samples.size();) {
    size_t end = at + 1;
    if (std::abs(int(samples[at])) >= kClipLevel) {
      while (end < samples.size() && samples[end] == samples[at]) ++end;
      if (int64_t(end - at) >= kClipRun) clipped += int64_t(end - at);
    }
    at = end;
  }
  return clipped;
}

Position sum(std::span<const Stretch> stretches) {
  Position total = 0;
  for (const Stretch& stretch : stretches) total += stretch.end - stretch.start;
  return total;
}

// What lies in both; both sorted and without overlap.
std::vector<Stretch> overlap(std::span<const Stretch> a, std::span<const Stretch> b) {
  std::vector<Stretch> both;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const Stretch shared{std::max(a[i].start, b[j].start), std::min(a[i].end, b[j].end)};
    if (shared.start < shared.end) both.push_back(shared);
    (a[i].end < b[j].end ? i : j) += 1;
  }
  return both;
}

// What no stretch covers of a whole call.
std::vector<Stretch> uncovered(std::vector<Stretch> stretches, Position duration) {
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) { return a.start < b.start; });
  stretches.push_back({duration, duration});
  std::vector<Stretch> left;
  Position at = 0;
  for (const Stretch& stretch : stretches) {
    if (stretch.start > at) left.push_back({at, stretch.start});
    at = std::max(at, stretch.end);
  }
  return left;
}

void drop_shorter(std::vector<Stretch>& stretches, Position least) {
  std::erase_if(stretches, [&](const Stretch& s) { return s.end - s.start < least; });
}

Position longest(std::span<const Stretch> own, std::span<const Stretch> other) {
  Position best = 0, begun = 0;
  size_t next = 0;
  for (size_t i = 0; i < own.size(); ++i) {
    bool goes_on = i > 0 && own[i].start - own[i - 1].end < kBreath;
    if (goes_on) {
      const Position pause = own[i - 1].end;
      while (next < other.size() && other[next].end <= pause) ++next;
      goes_on = next == other.size() || other[next].start >= own[i].start;
    }
    if (!goes_on) begun = own[i].start;
    best = std::max(best, own[i].end - begun);
  }
  return best;
}

int64_t whole_ms(Position position) { return std::llround(position_ms(position)); }
double rounded(double value, double steps) { return std::round(value * steps) / steps; }

Json list(std::span<const Stretch> stretches) {
  Json all = Json::array();
  for (const Stretch& s : stretches.first(std::min(stretches.size(), kMaxStretches))) {
    all.push_back({whole_ms(s.start), whole_ms(s.end)});
  }
  return all;
}

}  // namespace

std::string measures_json(const Measures& measures) {
  Json legs = Json::array(), noise = Json::array();
  for (const LegMeasures& leg : measures.legs) {
    const Json loudness = leg.loudness_lufs ? Json(rounded(*leg.loudness_lufs, 10)) : Json();
    legs.push_back({{"talk_ms", whole_ms(leg.talked)},
                    {"share", rounded(leg.share, 1000)},
                    {"longest_ms", whole_ms(leg.longest)},
                    {"loudness_lufs", loudness},
                    {"peak_dbfs", rounded(leg.peak_dbfs, 10)},
                    {"clipped", leg.clipped},
                    {"talk", list(leg.talk)}});
    noise.push_back(leg.noise_dbfs);
  }
  const Json all = {{"version", 1},
                    {"legs", std::move(legs)},
                    {"silences", list(measures.silences)},
                    {"talk_over", list(measures.talk_over)},
                    {"talk_over_ms", whole_ms(measures.talked_over)},
                    {"noise_dbfs", std::move(noise)}};
  return all.dump();
}

struct Meter::LegMeter {
  struct Close {
    void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
  };
  VoiceActivity voice;
  std::unique_ptr<ebur128_state, Close> loudness;
  int peak = 0;
  int64_t clipped = 0;
  int quiet_frames = 0;
};

Meter::Meter(int rate_hz, int legs) : rate_hz_(rate_hz), legs_(size_t(legs)) {
  for (LegMeter& leg : legs_) {
    // A histogram keeps the memory of a long call where it is.
    leg.loudness.reset(
        ebur128_init(1, (unsigned long)(rate_hz), EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM));
    EARFUL_CHECK(leg.loudness != nullptr);
  }
}
Meter::~Meter() = default;
Meter::Meter(Meter&&) noexcept = default;
Meter& Meter::operator=(Meter&&) noexcept = default;

void Meter::add(std::span<const int16_t> samples) {
  LegMeter& leg = legs_[next_leg_];
  if (next_leg_ == 0) samples_ += int64_t(samples.size());
  next_leg_ = (next_leg_ + 1) % legs_.size();
  int64_t squares = 0;
  int peak = 0;
  for (const int16_t sample : samples) {
    squares += int(sample) * int(sample);
    peak = std::max(peak, std::abs(int(sample)));
  }
  const double mean_square =
      samples.empty() ? 0 : double(squares) / (double(samples.size()) * kFullScale * kFullScale);
  leg.voice.add(mean_square);
  leg.peak = std::max(leg.peak, peak);
  if (peak >= kClipLevel) leg.clipped += clipped_in(samples);
  leg.quiet_frames = mean_square < kQuiet ? leg.quiet_frames + 1 : 0;
  if (leg.quiet_frames > kQuietFrames) return;
  EARFUL_CHECK(ebur128_add_frames_short(leg.loudness.get(), samples.data(), samples.size()) ==
               EBUR128_SUCCESS);
}

Measures Meter::finish(std::span<const Stretch> absent) const {
  const Position duration = samples_ * (kPositionsPerSecond / rate_hz_);
  Measures all;
  Position talk = 0;
  std::vector<Stretch> covered(absent.begin(), absent.end());
  for (const LegMeter& meter : legs_) {
    LegMeasures leg;
    leg.talk = meter.voice.talk(duration, absent);
    leg.noise_dbfs = meter.voice.noise_dbfs(absent);
    leg.talked = sum(leg.talk);
    // As the level of the smallest step where there is none.
    leg.peak_dbfs = 20 * std::log10(std::max(meter.peak, 1) / kFullScale);
    leg.clipped = meter.clipped;
    double lufs = 0;
    if (ebur128_loudness_global(meter.loudness.get(), &lufs) == EBUR128_SUCCESS &&
        std::isfinite(lufs)) {
      leg.loudness_lufs = lufs;
    }
    talk += leg.talked;
    covered.insert(covered.end(), leg.talk.begin(), leg.talk.end());
    all.legs.push_back(std::move(leg));
  }
  for (size_t at = 0; at < all.legs.size(); ++at) {
    LegMeasures& leg = all.legs[at];
    if (talk > 0) leg.share = double(leg.talked) / double(talk);
    const size_t other = all.legs.size() - 1 - at;
    leg.longest =
        longest(leg.talk, other == at ? std::span<const Stretch>() : all.legs[other].talk);
  }
  all.silences = uncovered(std::move(covered), duration);
  drop_shorter(all.silences, kLongSilence);
  if (all.legs.size() == 2) {
    all.talk_over = overlap(all.legs[0].talk, all.legs[1].talk);
    drop_shorter(all.talk_over, kShortestTalkOver);
    all.talked_over = sum(all.talk_over);
  }
  return all;
}

}  // namespace earful::recorder
