#include "agent/live/live_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/live/live_record.h"
#include "recorder/frame/frame.h"
#include "recorder/library/call_notes.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;
using recorder::kFramePositions;

constexpr size_t kPullBytes = 16 * 1024;

double ms_of_frame(int64_t frame) { return position_ms(frame * kFramePositions); }

}  // namespace

LiveReader::LiveReader(std::shared_ptr<LiveFeed> feed, HttpWaker waker) : feed_(std::move(feed)) {
  const std::lock_guard lock(feed_->mutex_);
  feed_->waiting_.emplace_back(this, std::move(waker));
}

LiveReader::~LiveReader() {
  const std::lock_guard lock(feed_->mutex_);
  std::erase_if(feed_->waiting_, [this](const auto& one) { return one.first == this; });
}

Result<std::unique_ptr<LiveReader>> LiveReader::open(std::shared_ptr<LiveFeed> feed,
                                                     std::optional<Position> from,
                                                     HttpWaker waker) {
  std::unique_ptr<LiveReader> reader(new LiveReader(std::move(feed), std::move(waker)));
  LiveFeed& shared = *reader->feed_;
  int64_t oldest = 0;
  {
    const std::lock_guard lock(shared.mutex_);
    reader->edge_at_open_ = shared.edge_frame();
    oldest = shared.oldest_frame();
  }
  reader->next_ = reader->edge_at_open_;
  if (from) {
    reader->next_ = std::clamp<int64_t>(*from / kFramePositions, 0, reader->edge_at_open_);
    if (reader->next_ < oldest) {
      EARFUL_ASSIGN(reader->past_, LivePast::open(shared.about_.file, shared.about_.legs));
      reader->past_->seek(reader->next_);
    }
  }
  return reader;
}

HttpPull LiveReader::pull(std::string& out) {
  if (ended_) return HttpPull::kEnd;
  if (!greeted_) give_head(out);
  give_notes(out);
  if (past_ && give_past(out)) return HttpPull::kMore;
  if (give_ring(out)) return HttpPull::kMore;
  return ended_ ? HttpPull::kEnd : HttpPull::kWait;
}

void LiveReader::give_head(std::string& out) {
  const LiveAbout& about = feed_->about_;
  const Json head = {
      {"call_id", about.call.text()},           {"legs", about.legs},
      {"sample_rate_hz", about.sample_rate_hz}, {"pre_skip_48k", about.pre_skip_48k},
      {"from_ms", ms_of_frame(next_)},          {"edge_ms", ms_of_frame(edge_at_open_)}};
  append_live_json(LiveRecordKind::kHead, head.dump(), out);
  greeted_ = true;
}

void LiveReader::give_notes(std::string& out) {
  const std::lock_guard lock(feed_->mutex_);
  for (; notes_given_ < feed_->notes_.size(); ++notes_given_) {
    append_live_json(LiveRecordKind::kNote, recorder::note_json(feed_->notes_[notes_given_]), out);
  }
}

// False when the ring has taken over, or nothing is left to read.
bool LiveReader::give_past(std::string& out) {
  {
    const std::lock_guard lock(feed_->mutex_);
    if (next_ >= feed_->oldest_frame()) {
      past_.reset();
      return false;
    }
  }
  const size_t before = out.size();
  while (out.size() < kPullBytes) {
    const auto& packets = past_->page();
    if (packets.empty()) break;
    const std::lock_guard lock(feed_->mutex_);
    for (const PastPacket& packet : packets) {
      if (packet.frame < next_ || packet.frame >= feed_->edge_frame()) continue;
      LiveAudio audio;
      audio.position = packet.frame * kFramePositions - feed_->about_.pre_skip_48k;
      audio.paused = feed_->paused_[size_t(packet.frame)];
      audio.legs = feed_->about_.legs;
      for (int leg = 0; leg < audio.legs; ++leg) {
        audio.low[size_t(leg)] = feed_->peaks_.minimum(size_t(packet.frame), leg);
        audio.high[size_t(leg)] = feed_->peaks_.maximum(size_t(packet.frame), leg);
        audio.packets[size_t(leg)] = packet.packets[size_t(leg)];
      }
      append_live_audio(audio, out);
      next_ = packet.frame + 1;
    }
  }
  if (out.size() > before) return true;
  past_.reset();  // the file ends before the ring begins: the rest was never written
  return false;
}

void LiveReader::move_to_edge(std::string& out) {
  const int64_t edge = feed_->edge_frame();
  const Json skipped = {
      {"skipped", {{"from_ms", ms_of_frame(next_)}, {"to_ms", ms_of_frame(edge)}}}};
  append_live_json(LiveRecordKind::kSkipped, skipped.dump(), out);
  next_ = edge;
  ++moved_;
}

// Whether there is more at once.
bool LiveReader::give_ring(std::string& out) {
  const std::lock_guard lock(feed_->mutex_);
  if (next_ < feed_->oldest_frame()) move_to_edge(out);
  while (next_ < feed_->edge_frame() && out.size() < kPullBytes) {
    out += feed_->ring_[size_t(next_ - feed_->oldest_frame())];
    ++next_;
  }
  if (next_ < feed_->edge_frame()) return true;
  if (feed_->ended_) {
    const Json end = {{"ended", true}, {"duration_ms", position_ms(*feed_->ended_)}};
    append_live_json(LiveRecordKind::kEnded, end.dump(), out);
    ended_ = true;
  }
  return false;
}

}  // namespace earful::agent
