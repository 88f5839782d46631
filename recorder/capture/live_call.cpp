#include "recorder/capture/live_call.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "base/log.h"
#include "recorder/capture/live_keeper.h"
#include "recorder/frame/timeline.h"

namespace earful::recorder {
namespace {

// A round of reading while somebody listens: long enough to sleep between blocks. When nobody does
// it is kGather. Both are short enough to stop at once.
constexpr std::chrono::milliseconds kReadWait{20};
// What one source may give in a round before the others are heard: half a second of usual blocks.
constexpr int kBlocksPerRound = 25;

}  // namespace

class LiveCall::Impl {
 public:
  Impl(std::vector<LiveTrack> tracks, LiveSink& sink) : sink_(sink) {
    for (LiveTrack& track : tracks) sources_.push_back({std::move(track.source), false});
  }
  ~Impl() {
    if (!thread_.joinable()) return;
    const auto kept = stop();
    if (!kept) log_error("kept no call", {{"error", kept.error().message}});
  }

  Result<void> start(const Options& options, const std::vector<TrackPlace>& places);

  void pause(bool on) {
    for (Source& source : sources_) source.source->pause(on);
  }
  Position position() const { return position_; }
  Result<Call> stop();

 private:
  struct Source {
    std::unique_ptr<LiveSource> source;
    bool ended;
  };

  void run();
  Result<void> follow();
  Result<void> read(size_t track, std::chrono::milliseconds wait, CaptureTime& heard);
  Result<void> round();
  Result<void> read_rest();
  std::optional<CaptureTime> now() const;

  LiveSink& sink_;
  std::vector<Source> sources_;
  std::unique_ptr<LiveKeeper> keeper_;
  std::optional<Timeline> timeline_;
  std::optional<Result<Call>> kept_;  // set by the thread, read after its end
  std::atomic<Position> position_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Result<void> LiveCall::Impl::start(const Options& options, const std::vector<TrackPlace>& places) {
  Call call = options.call;
  int rate_hz = 0;
  call.legs = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    call.legs += places[i].legs;
    rate_hz = std::max(rate_hz, sources_[i].source->format().rate_hz);
  }
  call.sample_rate_hz = coded_rate_hz(rate_hz);
  call.duration = 0;
  call.live = true;
  EARFUL_ASSIGN(keeper_, LiveKeeper::begin(options.library_dir, call, options.encoder, sink_));
  timeline_.emplace(
      call.sample_rate_hz, places,
      Timeline::Takers{[this](const Frame& frame) -> Result<void> {
                         EARFUL_TRY(keeper_->take(frame));
                         position_ = frame.position + kFramePositions;
                         return {};
                       },
                       [this](const Loss& loss) { keeper_->lost(loss); },
                       [this](Position start, Position end) { keeper_->paused(start, end); },
                       [this](const Loss& loss) { keeper_->losing(loss); },
                       [this](Position start) { keeper_->pausing(start); }});
  thread_ = std::thread([this] { run(); });
  return {};
}

void LiveCall::Impl::run() {
  const Result<void> followed = follow();
  if (followed) kept_ = keeper_->finish();
  if (followed && kept_->ok()) return;
  const Error fault = followed ? kept_->error() : followed.error();
  sink_.failed(fault);
  kept_ = keeper_->salvage();
  if (!kept_->ok()) kept_ = fault;
}

// The call, until somebody stops it.
Result<void> LiveCall::Impl::follow() {
  while (!stopping_ && !timeline_->ended()) EARFUL_TRY(round());
  if (timeline_->ended()) sink_.ended();
  stopping_.wait(false);
  EARFUL_TRY(read_rest());
  return timeline_->finish();
}

Result<void> LiveCall::Impl::round() {
  const bool awaited = sink_.awaited();
  std::chrono::milliseconds wait = awaited ? kReadWait : kGather;
  // Before anything is read: what was taken until then has been read afterwards.
  std::optional<CaptureTime> until = now();
  for (size_t track = 0; track < sources_.size(); ++track) {
    if (sources_[track].ended) continue;
    sources_[track].source->gather(!awaited);
    CaptureTime heard = *until;
    EARFUL_TRY(read(track, wait, heard));
    until = std::min(*until, heard);
    wait = std::chrono::milliseconds(0);
  }
  if (until) EARFUL_TRY(timeline_->advance(*until));
  return {};
}

// All that is there, within reason; `heard` becomes the time until which it was read, if that is
// less.
Result<void> LiveCall::Impl::read(size_t track, std::chrono::milliseconds wait,
                                  CaptureTime& heard) {
  Source& source = sources_[track];
  for (int blocks = 0; blocks < kBlocksPerRound; ++blocks) {
    auto block = source.source->read(wait);
    if (!block) {
      log_error("lost source", {{"error", block.error().message}});
      LiveBlock end;
      end.format = source.source->format();
      end.end = heard;
      end.ended = true;
      block = end;
    }
    source.ended = block->ended;
    EARFUL_TRY(timeline_->push(track, *block));
    if (block->ended || (block->samples.empty() && !block->gap)) return {};
    if (blocks + 1 == kBlocksPerRound) heard = std::min(heard, block->end);
    wait = std::chrono::milliseconds(0);
  }
  return {};
}

// What was taken until now and is not read yet.
Result<void> LiveCall::Impl::read_rest() {
  const std::optional<CaptureTime> until = now();
  for (size_t track = 0; track < sources_.size(); ++track) {
    CaptureTime heard{};
    while (!sources_[track].ended && heard < *until) {
      heard = *until;
      EARFUL_TRY(read(track, std::chrono::milliseconds(0), heard));
    }
  }
  return {};
}

std::optional<CaptureTime> LiveCall::Impl::now() const {
  std::optional<CaptureTime> earliest;
  for (const Source& source : sources_) {
    if (source.ended) continue;
    const CaptureTime time = source.source->now();
    earliest = std::min(earliest.value_or(time), time);
  }
  return earliest;
}

Result<Call> LiveCall::Impl::stop() {
  stopping_ = true;
  stopping_.notify_all();
  thread_.join();
  return *kept_;
}

Result<std::unique_ptr<LiveCall>> LiveCall::start(Options options, LiveSink& sink) {
  std::vector<TrackPlace> places;
  int legs = 0;
  bool both = false;
  for (const LiveTrack& track : options.tracks) {
    both = both || track.leg == LiveTrack::kBothLegs;
    TrackPlace place;
    place.leg = track.leg == LiveTrack::kBothLegs || options.tracks.size() == 1 ? 0 : track.leg;
    if (track.leg == LiveTrack::kBothLegs) place.legs = track.source->format().channels;
    place.swapped = track.swapped;
    places.push_back(place);
    legs += place.legs;
  }
  const bool twice = places.size() == 2 && (both || places[0].leg == places[1].leg);
  if (legs < 1 || legs > kMaxLegs || places.size() > 2 || twice) {
    return Error{"E_LEGS",
                 "starting a call: its sources must bring one leg, or the agent's and the "
                 "customer's once each; name one stereo source or one source per leg"};
  }
  std::vector<LiveTrack> tracks = std::move(options.tracks);
  auto impl = std::make_unique<Impl>(std::move(tracks), sink);
  EARFUL_TRY(impl->start(options, places));
  return std::unique_ptr<LiveCall>(new LiveCall(std::move(impl)));
}

LiveCall::LiveCall(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LiveCall::~LiveCall() = default;
void LiveCall::pause() { impl_->pause(true); }
void LiveCall::resume() { impl_->pause(false); }
Position LiveCall::position() const { return impl_->position(); }
Result<Call> LiveCall::stop() { return impl_->stop(); }

}  // namespace earful::recorder
