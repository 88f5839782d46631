#include "agent/live/live_record.h"

#include "base/check.h"

namespace earful::agent {
namespace {

constexpr uint8_t kPausedFlag = 1;

void append_little(uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(char(uint8_t(value >> (8 * i))));
}

}  // namespace

void append_live_audio(const LiveAudio& audio, std::string& out) {
  size_t length = 1 + 8 + 1 + 1;
  for (int leg = 0; leg < audio.legs; ++leg) length += 4 + audio.packets[size_t(leg)].size();
  append_little(length, 4, out);
  out.push_back(char(LiveRecordKind::kAudio));
  append_little(uint64_t(audio.position), 8, out);
  out.push_back(char(audio.paused ? kPausedFlag : 0));
  out.push_back(char(audio.legs));
  for (size_t leg = 0; leg < size_t(audio.legs); ++leg) {
    const std::string_view packet = audio.packets[leg];
    EARFUL_CHECK(packet.size() <= UINT16_MAX);
    out.push_back(char(audio.low[leg]));
    out.push_back(char(audio.high[leg]));
    append_little(packet.size(), 2, out);
    out.append(packet);
  }
}

void append_live_json(LiveRecordKind kind, std::string_view json, std::string& out) {
  append_little(1 + json.size(), 4, out);
  out.push_back(char(kind));
  out.append(json);
}

}  // namespace earful::agent
