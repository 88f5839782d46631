#include "agent/http/peaks_stream.h"

#include <array>
#include <cstdio>
#include <string>

namespace earful::agent {
namespace {

constexpr size_t kFramesPerPull = 2048;  // some 20 KB of text

// All 256 values as text, with two decimals: what a peak holds is not finer.
const std::string& value_text(int8_t value) {
  static const std::array<std::string, 256> texts = [] {
    std::array<std::string, 256> made;
    for (int i = 0; i < 256; ++i) {
      char text[8];
      std::snprintf(text, sizeof text, "%.2f", double(i - 128) / 128);
      made[size_t(i)] = text;
    }
    return made;
  }();
  return texts[size_t(int(value) + 128)];
}

}  // namespace

HttpStream peaks_stream(std::shared_ptr<const recorder::Peaks> peaks) {
  struct Progress {
    int leg = 0;
    size_t frame = 0;
  };
  const auto at = std::make_shared<Progress>();
  HttpStream stream;
  stream.pull = [peaks = std::move(peaks), at](std::string& out) {
    if (at->leg == peaks->legs) return HttpPull::kEnd;
    if (at->leg == 0 && at->frame == 0) {
      out += "{\"legs\":" + std::to_string(peaks->legs) +
             ",\"step_ms\":" + std::to_string(recorder::kPeakFrameMs) + ",\"peaks\":[";
    }
    if (at->frame == 0) out += at->leg == 0 ? "[" : ",[";
    const size_t end = std::min(peaks->frames(), at->frame + kFramesPerPull);
    for (; at->frame < end; ++at->frame) {
      if (at->frame > 0) out += ',';
      out += value_text(peaks->minimum(at->frame, at->leg)) + ',' +
             value_text(peaks->maximum(at->frame, at->leg));
    }
    if (at->frame == peaks->frames()) {
      out += ']';
      at->frame = 0;
      if (++at->leg == peaks->legs) out += "]}";
    }
    return HttpPull::kMore;
  };
  return stream;
}

}  // namespace earful::agent
