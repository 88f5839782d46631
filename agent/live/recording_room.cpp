#include "agent/live/recording_room.h"

#include "agent/journal/alarm.h"

namespace earful::agent {

RecordingRoom::RecordingRoom(const std::filesystem::path& data_dir, NoticeSink notify)
    : reserve_(data_dir), notify_(std::move(notify)) {}

Result<void> RecordingRoom::look() {
  EARFUL_TRY(reserve_.require_room());
  told_ = false;
  return {};
}

bool RecordingRoom::give_up() { return reserve_.give_up(); }

void RecordingRoom::tell(const Error& error) {
  if (!told_.exchange(true)) notify_(alarm(error.code, error.message));
}

}  // namespace earful::agent
