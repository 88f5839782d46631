#include "recorder/capture/live_keeper.h"

#include <algorithm>

#include "base/log.h"
#include "recorder/library/repair.h"

namespace earful::recorder {
namespace {

// A source that breaks every second of a day is broken, and nobody reads its notes.
constexpr size_t kMaxNotes = 5000;

// Of a stream in the file: the random end of a call id, so that no two calls share one.
uint32_t serial_of(const CallId& id) {
  uint32_t serial = 0;
  for (size_t i = 12; i < 16; ++i) serial = serial << 8 | id.bytes[i];
  return serial;
}

CallNote gap_of(const Loss& loss, int legs) {
  return {CallNote::Kind::kGap,
          legs == 1 ? -1 : loss.leg,
          loss.start,
          loss.end,
          std::string(name_of(loss.cause)),
          is_own_fault(loss.cause),
          loss.lost_samples};
}

CallNote pause_of(Position start, Position end) {
  return {CallNote::Kind::kPause, -1, start, end, "pause", false, -1};
}

// Where nothing was heard on any leg.
std::vector<Stretch> absent(std::span<const CallNote> notes, int legs) {
  std::vector<Stretch> all;
  std::array<std::vector<Stretch>, kMaxLegs> lost;
  for (const CallNote& note : notes) {
    if (note.leg < 0) {
      all.push_back({note.start, note.end});
    } else {
      lost[size_t(note.leg)].push_back({note.start, note.end});
    }
  }
  for (const Stretch& first : lost[0]) {
    for (const Stretch& second : lost[1]) {
      const Stretch both{std::max(first.start, second.start), std::min(first.end, second.end)};
      if (legs == 2 && both.start < both.end) all.push_back(both);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Stretch& a, const Stretch& b) { return a.start < b.start; });
  return all;
}

}  // namespace

Result<std::unique_ptr<LiveKeeper>> LiveKeeper::begin(const std::filesystem::path& library_dir,
                                                      Call call, const EncoderSettings& encoder,
                                                      LiveSink& sink) {
  std::unique_ptr<LiveKeeper> keeper(new LiveKeeper(std::move(call), sink));
  LiveKeeper& own = *keeper;
  EARFUL_ASSIGN(own.library_, Library::open(library_dir));
  const auto append = [&own](std::string_view page) { return own.file_->write(page); };
  EARFUL_ASSIGN(own.writer_, CallWriter::make(own.call_.sample_rate_hz, own.call_.legs, encoder,
                                              serial_of(own.call_.id), append));
  EARFUL_ASSIGN(own.file_, LiveFile::create(*own.library_, own.call_.id));
  const auto begun = own.library_->begin_live(own.call_);
  if (!begun) {
    const auto dropped = own.file_->drop(*own.library_);
    if (!dropped) log_warn("left live file", {{"error", dropped.error().message}});
    return begun.error();
  }
  sink.begun({own.call_.id, own.call_.legs, own.call_.sample_rate_hz, own.writer_->pre_skip(),
              own.file_->path()});
  return keeper;
}

Result<void> LiveKeeper::take(const Frame& frame) {
  EARFUL_TRY(writer_->write(frame));
  LivePacket packet;
  packet.position = frame.position;
  packet.legs = frame.legs;
  packet.paused = frame.paused;
  packet.packets = writer_->packets();
  const Peaks& peaks = writer_->peaks();
  for (int leg = 0; leg < frame.legs; ++leg) {
    packet.low[size_t(leg)] = peaks.minimum(peaks.frames() - 1, leg);
    packet.high[size_t(leg)] = peaks.maximum(peaks.frames() - 1, leg);
  }
  call_.duration =
      frame.position + Position(frame.kept) * (kPositionsPerSecond / call_.sample_rate_hz);
  sink_.packet(packet);
  return {};
}

void LiveKeeper::lost(const Loss& loss) { note(gap_of(loss, call_.legs)); }

void LiveKeeper::paused(Position start, Position end) { note(pause_of(start, end)); }

void LiveKeeper::losing(const Loss& loss) { note_begun(gap_of(loss, call_.legs)); }

void LiveKeeper::pausing(Position start) { note_begun(pause_of(start, start)); }

void LiveKeeper::note_begun(CallNote note) {
  if (call_.notes.size() >= kMaxNotes) return;
  note.end = CallNote::kGoesOn;
  note.lost_samples = -1;
  const auto written = file_->note(note);
  if (!written) log_warn("kept no note", {{"error", written.error().message}});
}

void LiveKeeper::note(const CallNote& note) {
  if (call_.notes.size() >= kMaxNotes) {
    if (!full_of_notes_) log_warn("kept no more notes", {{"call", call_.id.text()}});
    full_of_notes_ = true;
    return;
  }
  call_.notes.push_back(note);
  // When the disk takes no line, it takes no page either, and that is told.
  const auto written = file_->note(note);
  if (!written) log_warn("kept no note", {{"error", written.error().message}});
  sink_.note(note);
}

Result<Call> LiveKeeper::finish() {
  if (call_.duration == 0) {
    EARFUL_TRY(file_->drop(*library_));
    return call_;
  }
  EARFUL_TRY(writer_->finish());
  std::stable_sort(call_.notes.begin(), call_.notes.end(),
                   [](const CallNote& a, const CallNote& b) { return a.start < b.start; });
  call_.measures = measures_json(writer_->measures(absent(call_.notes, call_.legs)));
  EARFUL_TRY(file_->keep(*library_, call_, writer_->peaks()));
  return call_;
}

Result<Call> LiveKeeper::salvage() {
  file_.reset();  // lets go of its lock
  EARFUL_TRY(repair_live_calls(*library_));
  EARFUL_ASSIGN(std::optional<Call> found, library_->find(call_.id));
  if (found && !found->live) return *found;
  return Error{"E_CUT",
               "finishing a call that was cut: the disk took nothing; free some space and "
               "start again, what was kept is repaired then"};
}

}  // namespace earful::recorder
