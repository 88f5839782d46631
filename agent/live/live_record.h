// The records of a live stream (docs/api.md): u32le length of what follows, u8 kind, payload. Pure;
// any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/position.h"

namespace earful::agent {

enum class LiveRecordKind : uint8_t { kHead = 1, kAudio = 2, kNote = 3, kSkipped = 4, kEnded = 5 };

// 20 ms of every leg.
struct LiveAudio {
  Position position = 0;  // of the first sample the packets decode to
  bool paused = false;
  int legs = 1;
  std::array<int8_t, 2> low{}, high{};  // as in recorder/codec/peaks.h
  std::array<std::string_view, 2> packets;
};

void append_live_audio(const LiveAudio& audio, std::string& out);
// kind is any but kAudio.
void append_live_json(LiveRecordKind kind, std::string_view json, std::string& out);

}  // namespace earful::agent
