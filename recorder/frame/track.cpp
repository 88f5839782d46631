#include "recorder/frame/track.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace earful::recorder {
namespace {

// Seconds. Long enough that some block came without delay, shorter than the axis waits for a leg.
constexpr double kSettling = 0.4;
// The resampler makes an error good over so many seconds ...
constexpr double kCatchUp = 2;
// ... but never bends time by more than this, which is heard as a change of pitch by nobody.
constexpr double kMaxSlew = 2000e-6;
constexpr int64_t kYoungSeconds = 10;
// More silence than this is not put into a run at once: the times tell as well.
constexpr int64_t kMaxCountedSeconds = 60;
// A leg that begins or ends so much apart from the other has lost nothing.
constexpr double kUnnoted = 0.5;
// A run that belongs further ahead waits until the axis has come nearer.
constexpr int64_t kMaxAheadSeconds = 2;
constexpr int64_t kOpen = std::numeric_limits<int64_t>::max();

}  // namespace

Track::Track(const Axis& axis, const TrackPlace& place, LossTaker lost, LossTaker losing)
    : axis_(axis), where_(place), lost_(std::move(lost)), losing_(std::move(losing)) {
  EARFUL_CHECK(place.leg >= 0 && place.legs >= 1 && place.leg + place.legs <= kMaxLegs);
}

void Track::push(const LiveBlock& block, double end) {
  if (block.gap) {
    const int64_t count = block.gap->samples;
    if (count < 0 || !clock_ || block.format != format_ ||
        count > kMaxCountedSeconds * format_.rate_hz) {
      break_off(block.gap->cause);
    } else if (count > 0) {
      clock_->skip(count);
      add({std::vector<int16_t>(size_t(count * where_.legs)), false, block.gap->cause});
    }
  }
  if (!block.samples.empty()) {
    if (clock_ && (clock_->jumped() || block.format != format_)) break_off(GapCause::kStalled);
    if (!clock_) {
      format_ = block.format;
      clock_.emplace(format_.rate_hz);
    }
    clock_->push(int64_t(block.samples.size()) / format_.channels, end);
    add({rows_of(block), block.paused, std::nullopt});
  }
  if (block.ended) ended_ = true;
  if (ended_ && resampler_) flush();
}

std::vector<int16_t> Track::rows_of(const LiveBlock& block) const {
  const auto channels = size_t(block.format.channels);
  const size_t count = block.samples.size() / channels;
  if (channels == 1 && where_.legs == 1) return {block.samples.begin(), block.samples.end()};
  std::vector<int16_t> rows(count * size_t(where_.legs));
  for (size_t i = 0; i < count; ++i) {
    const int16_t first = block.samples[i * channels];
    // One channel cannot say who speaks: it goes to the first leg, and the other is missing.
    const int16_t second = channels == 2 ? block.samples[i * channels + 1] : int16_t(0);
    if (where_.legs == 1) {
      rows[i] = int16_t((first + second) / 2);
    } else {
      const bool swap = where_.swapped && channels == 2;
      rows[2 * i] = swap ? second : first;
      rows[2 * i + 1] = swap ? first : second;
    }
  }
  return rows;
}

// The run is over, and how long what follows is, the times tell.
void Track::break_off(GapCause cause) {
  place(true);
  flush();
  first_run_ = false;
  open_hole(head_);
  hole_->cause = cause;
  hole_->counted = false;
}

void Track::flush() {
  if (resampler_) append(resampler_->finish(), false);
  resampler_.reset();
  clock_.reset();
  waiting_.clear();
}

bool Track::settled() const {
  return ended_ || resampler_ ||
         (clock_ && double(clock_->samples()) >= kSettling * format_.rate_hz);
}

std::optional<double> Track::first() const {
  if (!clock_ || resampler_) return std::nullopt;
  return clock_->first();
}

std::optional<double> Track::young_first() const {
  const bool young = resampler_ && clock_->samples() < kYoungSeconds * format_.rate_hz;
  if (!young || !first_run_) return std::nullopt;
  return clock_->time_of(0);
}

void Track::place(bool now) {
  if (!axis_.zero || !first() || (!now && !settled())) return;
  const int64_t start = std::llround((*first() - *axis_.zero) * axis_.rate_hz);
  if (!now && !ended_ && start > head_ + kMaxAheadSeconds * axis_.rate_hz) return;
  clock_->settle();
  stream_ = start;
  fill_to(start);
  watch_channels(format_.channels, head_);
  resampler_.emplace(format_.rate_hz, axis_.rate_hz, where_.legs);
  steered_ = -format_.rate_hz;
  for (const Piece& piece : std::exchange(waiting_, {})) lay(piece);
  if (ended_) flush();
}

void Track::add(Piece piece) {
  if (resampler_) {
    lay(piece);
  } else {
    waiting_.push_back(std::move(piece));
  }
}

void Track::lay(const Piece& piece) {
  steer();
  const int64_t start = next_input_at();
  const int64_t written = head_;
  mark_pause(piece.paused, start);
  if (piece.lost) {
    open_hole(start);
    hole_->cause = piece.lost;
    hole_->lost += int64_t(piece.rows.size()) / where_.legs;
  }
  append(resampler_->push(piece.rows), piece.lost.has_value());
  // A hole ends with the first sample that is neither lost nor too late.
  if (!piece.lost && next_input_at() > written) close_hole(std::max(start, written));
}

void Track::mark_pause(bool paused, int64_t start) {
  if (paused && !paused_) pauses_.emplace_back(start, kOpen);
  if (!paused && paused_ && !pauses_.empty()) pauses_.back().second = start;
  paused_ = paused;
}

void Track::append(std::span<const int16_t> rows, bool lost) {
  const auto legs = size_t(where_.legs);
  const auto count = int64_t(rows.size() / legs);
  const int64_t late = std::clamp<int64_t>(head_ - stream_, 0, count);
  if (hole_ && !lost) hole_->late += double(late) * resampler_->step();
  stream_ += count;
  head_ += count - late;
  for (size_t i = size_t(late) * legs; i < rows.size(); ++i) queue_[i % legs].push_back(rows[i]);
}

// Once a second, like the clock: where the next output should stand, against where it will.
void Track::steer() {
  if (resampler_->taken() - steered_ < format_.rate_hz) return;
  steered_ = resampler_->taken();
  const double due = clock_->time_of(resampler_->next()) - *axis_.zero;
  const double error = due - double(stream_) / axis_.rate_hz;
  const double slew = std::clamp(error / kCatchUp, -kMaxSlew, kMaxSlew);
  resampler_->steer((1 - slew) / (clock_->seconds_per_sample() * axis_.rate_hz));
}

int64_t Track::next_input_at() const {
  return stream_ +
         std::llround((double(resampler_->taken()) - resampler_->next()) / resampler_->step());
}

void Track::fill_to(int64_t sample) {
  if (sample <= head_) return;
  if (!ended_) open_hole(head_);
  for (int row = 0; row < where_.legs; ++row) {
    auto& queue = queue_[size_t(row)];
    queue.resize(queue.size() + size_t(sample - head_));
  }
  head_ = sample;
}

void Track::stop() {
  place(true);
  flush();
}

void Track::finish(int64_t sample) {
  fill_to(sample);
  close_hole(sample);
  watch_channels(where_.legs, sample);
  ended_ = true;
}

void Track::open_hole(int64_t start) {
  if (!hole_) hole_ = Hole{start, std::nullopt, 0, true, 0};
}

void Track::close_hole(int64_t end) {
  if (!hole_ || end == 0) {
    hole_.reset();
    return;
  }
  const Hole hole = *std::exchange(hole_, std::nullopt);
  if (is_loss(hole, end)) lost_(loss_of(hole, end));
}

bool Track::is_loss(const Hole& hole, int64_t end) const {
  return hole.cause || hole.late > 0 || double(end - hole.start) >= kUnnoted * axis_.rate_hz;
}

Loss Track::loss_of(const Hole& hole, int64_t end) const {
  // What came too late was kept waiting on this machine; what never came, the device did not give.
  const GapCause guess = hole.late > 0 ? GapCause::kStalled : GapCause::kDeviceLost;
  const bool counted = hole.cause ? hole.counted : hole.late > 0;
  return {where_.legs == 2 ? -1 : where_.leg, position(hole.start), position(end),
          hole.cause.value_or(guess), counted ? hole.lost + std::llround(hole.late) : -1};
}

void Track::tell_lasting() {
  if (!losing_ || !hole_ || hole_->told || ended_ || !is_loss(*hole_, head_)) return;
  hole_->told = true;
  losing_(loss_of(*hole_, head_));
}

// A device that came back with one channel leaves the second leg empty.
void Track::watch_channels(int channels, int64_t start) {
  const bool narrow = channels < where_.legs;
  if (narrow && !narrow_) {
    narrow_ = start;
    const Position from = position(start);
    if (losing_) losing_({where_.leg + 1, from, from, GapCause::kDeviceLost, -1});
  }
  if (narrow || !narrow_) return;
  lost_({where_.leg + 1, position(*narrow_), position(start), GapCause::kDeviceLost, -1});
  narrow_.reset();
}

Position Track::position(int64_t sample) const {
  return sample * (kPositionsPerSecond / axis_.rate_hz);
}

std::span<const int16_t> Track::samples(int row, int64_t sample, size_t count) const {
  return std::span(queue_[size_t(row)]).subspan(size_t(sample - taken_), count);
}

void Track::take(int64_t up_to) {
  for (int row = 0; row < where_.legs; ++row) {
    auto& queue = queue_[size_t(row)];
    queue.erase(queue.begin(), queue.begin() + std::ptrdiff_t(up_to - taken_));
  }
  taken_ = up_to;
  while (!pauses_.empty() && pauses_.front().second <= up_to) pauses_.pop_front();
}

}  // namespace earful::recorder
