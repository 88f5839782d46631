#include "agent/live/followed_call.h"

#include <algorithm>
#include <fstream>

#include "base/log.h"
#include "recorder/codec/opus_head.h"
#include "recorder/frame/frame.h"

namespace earful::agent {
namespace {

using recorder::kFramePositions;

constexpr std::chrono::milliseconds kFrame{20};
// A waveform needs no more.
constexpr int kPeaksRateHz = 8000;
// Of a call that began before us, at a time: some milliseconds of work.
constexpr size_t kFramesAtOnce = 1000;
// More than two pages wait only after a hiccup, and are given at once.
constexpr size_t kMostWaiting = 25;
// The first page of a call, with room to spare.
constexpr size_t kHeadBytes = 4096;

Result<recorder::OpusHead> head_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  recorder::OggPages pages([&, left = kHeadBytes](std::span<char> out) mutable {
    file.read(out.data(), std::streamsize(std::min(out.size(), left)));
    left -= size_t(file.gcount());
    return size_t(file.gcount());
  });
  const auto page = pages.next();
  recorder::PagePackets packets;
  const auto* first = page ? &packets.take(*page, true) : nullptr;
  if (!first || first->empty()) return Error{"E_NOT_LIVE", "nothing of that call is there yet"};
  return recorder::parse_opus_head((*first)[0]);
}

}  // namespace

Result<std::unique_ptr<FollowedCall>> FollowedCall::open(const recorder::Library& library,
                                                         const recorder::Call& call) {
  const auto path = library.live_path(call.id);
  EARFUL_ASSIGN(const recorder::OpusHead head, head_of(path));
  EARFUL_ASSIGN(auto file, LivePast::open(path, head.channels));
  file->seek(0);
  return std::unique_ptr<FollowedCall>(
      new FollowedCall(LiveAbout{.call = call.id,
                                 .legs = head.channels,
                                 .sample_rate_hz = call.sample_rate_hz,
                                 .pre_skip_48k = head.pre_skip,
                                 .file = path},
                       std::move(file), library.notes_path(call.id)));
}

FollowedCall::FollowedCall(LiveAbout about, std::unique_ptr<LivePast> file,
                           std::filesystem::path notes)
    : feed_(std::make_shared<LiveFeed>(std::move(about))),
      file_(std::move(file)),
      notes_file_(std::move(notes)) {
  for (int leg = 0; leg < feed_->about().legs; ++leg) decoders_.emplace_back(kPeaksRateHz);
}

std::vector<recorder::CallNote> FollowedCall::follow(SteadyTime now) {
  if (read() || grown_at_ == SteadyTime{}) grown_at_ = now;
  const bool all = waiting_.size() < kFramesAtOnce;
  for (size_t left = due(now); left > 0 && !waiting_.empty(); --left) {
    give(waiting_.front());
    waiting_.pop_front();
  }
  caught_up_ = caught_up_ || all;
  return read_notes();
}

// Whether anything came.
bool FollowedCall::read() {
  const int64_t before = next_;
  while (!broken_ && waiting_.size() < kFramesAtOnce) {
    const auto& packets = file_->page();
    if (packets.empty()) break;
    for (const PastPacket& packet : packets) {
      if (packet.frame < next_) continue;
      broken_ = packet.frame > next_;
      if (broken_) {
        log_warn("follow call no further", {{"call", feed_->about().call.text()}});
        break;
      }
      waiting_.push_back(packet);
      ++next_;
    }
  }
  return next_ > before;
}

size_t FollowedCall::due(SteadyTime now) {
  if (!caught_up_) {
    paced_ = now;
    return waiting_.size();
  }
  const auto frames = size_t((now - paced_) / kFrame);
  paced_ += frames * kFrame;
  return std::max(frames, waiting_.size() - std::min(waiting_.size(), kMostWaiting));
}

void FollowedCall::give(const PastPacket& packet) {
  recorder::Peaks peaks;
  recorder::LivePacket live;
  live.position = given_++ * kFramePositions;
  live.legs = feed_->about().legs;
  for (size_t leg = 0; leg < decoders_.size(); ++leg) {
    pcm_.clear();
    decoders_[leg].decode(packet.packets[leg], pcm_);
    peaks.values.clear();
    peaks.add(pcm_);
    live.low[leg] = peaks.minimum(0, 0);
    live.high[leg] = peaks.maximum(0, 0);
    live.packets[leg] = packet.packets[leg];
  }
  feed_->packet(live);
}

std::vector<recorder::CallNote> FollowedCall::read_notes() {
  std::ifstream file(notes_file_, std::ios::binary);
  file.seekg(notes_read_);
  std::vector<recorder::CallNote> notes;
  // A line without its end is read when it is whole.
  for (std::string line; std::getline(file, line) && !file.eof();) {
    notes_read_ += std::streamoff(line.size()) + 1;
    auto note = recorder::parse_note(line);
    if (note && note->end != recorder::CallNote::kGoesOn) {
      feed_->note(*note);
      notes.push_back(std::move(*note));
    }
  }
  return notes;
}

void FollowedCall::end(std::optional<Position> duration) {
  while (read()) {
    for (; !waiting_.empty(); waiting_.pop_front()) give(waiting_.front());
  }
  for (; !waiting_.empty(); waiting_.pop_front()) give(waiting_.front());
  feed_->end(duration.value_or(feed_->edge()));
}

}  // namespace earful::agent
