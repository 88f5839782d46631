// What is kept of a call while it goes on, and at its end: frames in; packets, notes and, at last,
// a call of the library out. The passive half of live_call.h: no thread of its own; one owner at a
// time. Errors: those of CallWriter, LiveFile and Library.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "recorder/capture/live_call.h"
#include "recorder/codec/call_writer.h"
#include "recorder/frame/track.h"
#include "recorder/library/library.h"
#include "recorder/library/live_file.h"

namespace earful::recorder {

class LiveKeeper {
 public:
  // Makes the file and the row; tells the sink that the call has begun. call: with its legs and
  // coded rate.
  static Result<std::unique_ptr<LiveKeeper>> begin(const std::filesystem::path& library_dir,
                                                   Call call, const EncoderSettings& encoder,
                                                   LiveSink& sink);

  Result<void> take(const Frame& frame);
  // The first 5,000 notes are kept; further ones leave their silence and no note.
  void lost(const Loss& loss);
  void paused(Position start, Position end);
  // The same as far as they are known while they last, lest a cut should leave nothing of them.
  void losing(const Loss& loss);
  void pausing(Position start);

  // The call as it is kept; one without a frame is forgotten. Once.
  Result<Call> finish();
  // Keeping failed: what the disk has becomes a call that was cut. When that fails too, the files
  // stay as they are, for a repair at the next start. Once.
  Result<Call> salvage();

 private:
  LiveKeeper(Call call, LiveSink& sink) : call_(std::move(call)), sink_(sink) {}
  void note(const CallNote& note);
  void note_begun(CallNote note);

  Call call_;
  LiveSink& sink_;
  std::optional<Library> library_;
  std::unique_ptr<LiveFile> file_;
  std::optional<CallWriter> writer_;
  bool full_of_notes_ = false;
};

}  // namespace earful::recorder
